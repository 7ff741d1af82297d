-- The requests of a load, for wrk(1). Words after `--`:
--
--   varied PATH     GETs that differ: 4,096 heads from a seed, each with a path below PATH, a query, a cookie and a user agent of its own,
--                   sent in turn. No connection sees the same head twice in a row, as with real visitors.
--   upload PATH     POSTs of 1 MiB
--
-- Heads are made before the load begins; in it, making a request costs an index into a table.

local HEADS = 4096
local SEED = 3

local agents = {
	'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
	'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
	'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
	'curl/8.14.1',
}
local languages = { 'en', 'de-DE,de;q=0.9,en;q=0.5', 'fr-FR,fr;q=0.8', 'ja' }

-- xorshift of 31 bits, by arithmetic alone: LuaJIT and Lua differ in their bit operations, and math.random in its sequence.
local state = SEED
local function random(below)
	state = (state * 48271) % 2147483647
	return state % below
end

local requests = {}
local at = 0

local function varied(path)
	for i = 1, HEADS do
		local headers = {}
		for name, value in pairs(wrk.headers) do headers[name] = value end
		headers['User-Agent'] = agents[1 + random(#agents)]
		headers['Accept-Language'] = languages[1 + random(#languages)]
		headers['Cookie'] = string.format('session=%08x%08x; theme=%s', random(2147483647), random(2147483647), random(2) == 0 and 'dark' or 'light')
		local target = string.format('%s/item/%d/part-%d?page=%d&q=%06x', path, random(100000), i, random(50), random(16777216))
		requests[i] = wrk.format('GET', target, headers)
	end
end

function init(words)
	if words[1] == 'varied' then
		varied(words[2])
	elseif words[1] == 'upload' then
		requests[1] = wrk.format('POST', words[2], nil, string.rep('u', 1048576))
	else
		error('requests.lua: varied PATH or upload PATH')
	end
end

function request()
	at = at % #requests + 1
	return requests[at]
end
