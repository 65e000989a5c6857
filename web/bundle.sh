#!/bin/sh
# Writes the viewer, one HTML file, to stdout:   sh web/bundle.sh > viewer.html
#
# The modules under web/ import nothing but each other, so joining them needs no bundler: walk
# the imports depth first from ui/main.js, drop the import lines and the word `export`, and wrap
# the lot into one function. That is sound only while top-level names are unique, exports are
# named and imports go round in no circle; each of these is checked here and refused with a
# sentence. Needs sh, awk, sed, sha256sum; no Node.
set -eu
LC_ALL=C
export LC_ALL
web=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Prints the modules in the order in which they can be read, dependencies first.
module_order() {
	awk -v root="$web" -v entry="ui/main.js" '
	function fail(text) { print "bundle.sh: " text > "/dev/stderr"; failed = 1; exit 1 }
	# "ui/a.js" and "../core/b.js" make "core/b.js".
	function join_path(from, to,    dir) {
		dir = from
		sub(/\/[^\/]*$/, "", dir)
		while (to ~ /^\.\.?\//) {
			if (to ~ /^\.\.\//) { if (!sub(/\/[^\/]*$/, "", dir)) dir = "" }
			sub(/^\.\.?\//, "", to)
		}
		return dir == "" ? to : dir "/" to
	}
	function visit(file, by,    line, text, list, count, i, path, got) {
		if (state[file] == 2) return
		if (state[file] == 1) fail("the imports of " by " and " file " go round in a circle")
		state[file] = 1
		path = root "/" file
		count = 0
		while ((got = (getline line < path)) > 0) {
			seen[file] = 1
			if (text == "" && line !~ /^import[ {]/) continue
			text = text " " line
			if (line !~ /;[ \t]*$/) continue
			if (text !~ /from \047\.\.?\/[^\047]*\.js\047;[ \t]*$/)
				fail(file " has an import that is not of the form: import { a } from \047./b.js\047;")
			sub(/^.*from \047/, "", text)
			sub(/\047.*$/, "", text)
			list[++count] = join_path(file, text)
			text = ""
		}
		close(path)
		if (got < 0 || !seen[file])
			fail((by == "" ? "" : by " imports ") file ", which is not there")
		for (i = 1; i <= count; i++) visit(list[i], file)
		state[file] = 2
		print file
	}
	BEGIN { visit(entry, ""); exit failed }'
}

# Puts modules that pack well beside each other: gzip looks back 32 KB, and in this order the page is
# 1.9 KB smaller than in that of the imports. Others come first, the entry last. Functions may be
# used before they are read; that no constant is, a test of the bundle shows.
module_sort() {
	list='
		draw/theme core/kinds core/grow core/records core/columns core/find core/delay
		text/story text/format core/stateline core/math text/packet core/calls text/call
		core/callmap core/timemap core/steps text/lesson layout/stalls ui/app layout/labels
		layout/phases layout/playhead layout/arrows layout/windows layout/programs
		layout/heading layout/axis core/lod layout/overview layout/bands ui/hash ui/stage
		layout/ladder layout/geometry layout/lanes layout/prims ui/bottombar ui/paint
		draw/canvas ui/virtual ui/strip ui/dom ui/problems core/blocks ui/load ui/live
		ui/exporter ui/help ui/keys ui/drop ui/themes ui/menu draw/svg core/bytes ui/figure
		ui/convlist core/lines ui/panelsection ui/panelstory ui/topbar ui/job ui/hexdump
		ui/facts ui/keytable ui/panelbytes core/field ui/table ui/panel ui/panelcall
		core/headertcp core/header
	' awk 'BEGIN { count = split(ENVIRON["list"], known, /[ \t\n]+/); for (i = 1; i <= count; i++) if (known[i] != "") place[known[i] ".js"] = i }
	{ print ($0 in place ? place[$0] : $0 == "ui/main.js" ? 1000 : 0), NR, $0 }' | sort -n -k 1,1 -k 2,2 | sed 's/.* //'
}

# Joins the modules named on stdin; refuses what would change meaning in one shared scope. Lines
# of comment are left out, the type checker's (/** ... */) and ours: they are a third of the text,
# every exported page carries it, and 60 KB are all it may weigh when packed. No line says where a
# module begins: names begin with their file's noun.
module_join() {
	awk -v root="$web" '
	function fail(text) { print "bundle.sh: " text > "/dev/stderr"; exit 1 }
	# Lines and names stay, blanks that JavaScript does not need go; a string is passed over, and so
	# is a line that holds one of another kind: a template, a pattern with a blank.
	function squeeze(line,    part, count, i, text) {
		sub(/^\t+/, "", line)
		if (line ~ /\\\047|[+] [+]|- -/) return line
		count = split(line, part, "\047")
		for (i = 1; i <= count; i += 2)
			if (part[i] ~ /["`]/ || part[i] ~ /[^ ]\/|\/[^ ]/ && part[i] ~ /\/[^\/]* .*\//) return line
		for (i = 1; i <= count; i++) {
			if (i % 2) {
				gsub(/ [-+%\/] /, "\001&\001", part[i])
				gsub(/ *(=>|[!=]==|[<>]=|&&|[|][|]|[?][?]|[+-]=) */, "&", part[i])
				gsub(/ *[]=<>?:,*|&^;{}()[] */, "\001&\001", part[i])
				gsub(/ *\001 */, "", part[i])
			}
			text = text (i > 1 ? "\047" : "") part[i]
		}
		return text
	}
	function declare(file, line,    name) {
		name = line
		sub(/^export /, "", name)
		if (name !~ /^(async function|function|const|let|class)[ *]/) return
		sub(/^(async function|function|const|let|class)[ *]+/, "", name)
		sub(/[^A-Za-z0-9_$].*$/, "", name)
		if (name == "") fail(file ": a top-level name that cannot be read: " line)
		if (name in owner) fail("the name " name " is defined in " owner[name] " and in " file)
		owner[name] = file
	}
	{
		file = $0
		path = root "/" file
		in_import = in_types = 0
		while ((getline line < path) > 0) {
			if (line ~ /^import[ {]/) in_import = 1
			if (in_import) { if (line ~ /;[ \t]*$/) in_import = 0; continue }
			if (line ~ /<\/script|<!--/)
				fail(file " holds text that would end the script element: " line)
			if (line ~ /^export (default|\{|\*)/) fail(file ": only named exports can be joined")
			declare(file, line)
			sub(/^export /, "", line)
			if (in_types) { if (line ~ /\*\//) in_types = 0; continue }
			if (line ~ /^[ \t]*\/\//) continue
			if (index(line, "/**")) {
				gsub(/\/\*\*[^*]*\*\/ ?/, "", line)
				if (line ~ /^[ \t]*$/) continue
				if (line ~ /^[ \t]*\/\*\*/) { in_types = 1; continue }
			}
			if (line == "") continue
			line = squeeze(line)
			# A statement that goes on in the next line is one line here; where one ends with the line or
			# its block no semicolon is needed, unless the next line could be read as going on.
			if (last ~ /;$/ && line !~ /^[[(`+\/.-]/) sub(/;$/, "", last)
			if (last ~ /,$/ && line ~ /^[]}]/) sub(/,$/, "", last)
			# So do constants that follow one another.
			if (row = line ~ /^const[ [{].*;$/) {
				if (in_row) line = substr(line, 6)
				if (in_row) sub(/;?$/, ",", last)
			}
			in_row = row
			printf "%s", last
			if (last != "" && last !~ /[,([{]$/ && line !~ /^[])}+?:.&|]/) printf "\n"
			last = line
		}
		close(path)
	}
	END { print last }'
}

# The CSP source expression of a file: sha256, as base64 of the digest.
csp_hash() {
	sha256sum < "$1" | awk '
	BEGIN { abc = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" }
	function digit(c) { return index("0123456789abcdef", c) - 1 }
	{
		# Three hex digits are twelve bits are two base64 digits; 64 digits leave one over.
		for (i = 1; i <= 63; i += 3) {
			v = digit(substr($1, i, 1)) * 256 + digit(substr($1, i + 1, 1)) * 16 + digit(substr($1, i + 2, 1))
			out = out substr(abc, int(v / 64) + 1, 1) substr(abc, v % 64 + 1, 1)
		}
		print "sha256-" out substr(abc, digit(substr($1, 64, 1)) * 4 + 1, 1) "="
	}'
}

module_order > "$tmp/order"
module_sort < "$tmp/order" | module_join > "$tmp/modules"
{
	echo
	echo '// The wireladder viewer. The commented source of each part is in web/ of wireladder.'
	echo "'use strict';"
	echo '(() => {'
	cat "$tmp/modules"
	echo '})();'
} > "$tmp/script"
# The style sheet is not there to be read: blanks that CSS does not need stay behind.
{
	echo
	sed '/^$/d; /^\/\*.*\*\/$/d; s/^[ \t]*//; s/;* }/}/g; s/\([:;,{]\) /\1/g; s/ {/{/g' "$web/style.css" | tr -d '\n'
	echo
} > "$tmp/style"

script_hash=$(csp_hash "$tmp/script")
style_hash=$(csp_hash "$tmp/style")
policy="default-src 'none'; script-src '$script_hash'; style-src '$style_hash'"
policy="$policy; img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"

# The template's three places, each a line of its own.
awk -v policy="$policy" -v script="$tmp/script" -v style="$tmp/style" '
function paste(path,    line) { while ((getline line < path) > 0) if (n++) print line; n = 0 }
/<!-- wireladder:policy -->/ {
	print "<meta http-equiv=\"Content-Security-Policy\" content=\"" policy "\">"; next
}
/<!-- wireladder:style -->/ { print "<style>"; paste(style); print "</style>"; next }
/<!-- wireladder:script -->/ { print "<script>"; paste(script); print "</script>"; next }
{ print }' "$web/index.html"
