throw new Error('a setting is missing: mend me, save me, and knock again');
