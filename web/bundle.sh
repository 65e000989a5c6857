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

# Joins the modules named on stdin; refuses what would change meaning in one shared scope. Lines
# of comment are left out, the type checker's (/** ... */) and ours: they are a third of the text,
# every exported page carries it, and 60 KB are all it may weigh when packed. No line says where a
# module begins: names begin with their file's noun.
module_join() {
	awk -v root="$web" '
	function fail(text) { print "bundle.sh: " text > "/dev/stderr"; exit 1 }
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
		print ""
		in_import = in_types = 0
		empty = 1
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
			# Of several empty lines in a row one is enough.
			if (line == "" && empty) continue
			empty = line == ""
			# What stands in a function stands a step in: the page is spared that step.
			sub(/^\t/, "", line)
			print line
		}
		close(path)
	}'
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
module_join < "$tmp/order" > "$tmp/modules"
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
