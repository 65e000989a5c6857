#include "sniff.h"

#include <errno.h>
#include <string.h>

#include "losses.h"

struct magic {
	const char *bytes;
	size_t length;
	const char *what,
		*remedy; /* the remedy may have one %s for the path; NULL: the usual one */
};

#define MAGIC(text) text, sizeof(text) - 1

static const struct magic magics[] = {
	{MAGIC("\x1f\x8b"), "gzip data", NULL}, /* these two inside of packed data only */
	{MAGIC("\x28\xb5\x2f\xfd"), "zstd data", NULL},
	{MAGIC("\xfd\x37zXZ\0"), "xz data", "run `xz -d %s` first"},
	{MAGIC("BZh"), "bzip2 data", "run `bunzip2 %s` first"},
	{MAGIC("\x04\x22\x4d\x18"), "lz4 data", "run `lz4 -d %s` first"},
	{MAGIC("PK\x03\x04"), "a zip archive", "run `unzip %s` first"},
	{MAGIC("{\"wireladder\""), "a wireladder timeline", "use `wireladder view %s`"},
	{MAGIC("{\"k\":\"meta\""), "a wireladder timeline", "use `wireladder view %s`"},
	{MAGIC("<!doctype html"), "a web page",
	 "if wireladder wrote it use `wireladder view %s`"},
	{MAGIC("<!DOCTYPE html"), "a web page",
	 "if wireladder wrote it use `wireladder view %s`"},
	{MAGIC("snoop\0\0\0"), "a snoop capture", NULL},
	{MAGIC("btsnoop\0"), "a Bluetooth snoop capture", NULL},
	{MAGIC("TRSNIFF data"), "a Sniffer capture", NULL},
	{MAGIC("XCP\0"), "a NetXray capture", NULL},
	{MAGIC("GMBU"), "a Microsoft Network Monitor capture", NULL},
	{MAGIC("RTSS"), "a Microsoft Network Monitor capture", NULL},
	{MAGIC("\x7fVeriWave"), "a VeriWave capture", NULL},
	{MAGIC("\xaa\xaa\xaa\xaa"), "a 5Views capture", NULL},
	{MAGIC("EyeSDN"), "an EyeSDN capture", NULL},
	{MAGIC("iptrace "), "an AIX iptrace capture", NULL},
	{MAGIC("\xa1\xe2\xcb\x12"), "a pcap capture of an unknown variant", NULL},
	{MAGIC("\x7f"
	       "ELF"),
	 "a program", "name a capture file"},
};

static const uint32_t pcap_magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34};

enum sniffed sniff_bytes(const uint8_t *bytes, size_t count)
{
	struct cursor c = cursor_init(bytes, count);
	uint32_t magic = cursor_u32(&c);
	if (c.failed)
		return SNIFFED_OTHER;
	if (magic == 0x0a0d0d0a)
		return SNIFFED_PCAPNG;
	for (size_t i = 0; i < ARRAY_COUNT(pcap_magics); i++) {
		if (magic == pcap_magics[i] || magic == __builtin_bswap32(pcap_magics[i]))
			return SNIFFED_PCAP;
	}
	return SNIFFED_OTHER;
}

static uint32_t sniff_seconds(struct cursor *c) /* little endian, whatever the machine */
{
	return __builtin_bswap32(cursor_u32(c));
}

/* ERF has no magic: two records that follow one another, an hour apart at most. */
static bool sniff_erf(const uint8_t *bytes, size_t count)
{
	struct cursor c = cursor_init(bytes, count);
	uint32_t first, second;
	uint16_t record;
	uint8_t type;
	cursor_skip(&c, 4); /* the fraction of the stamp, below its seconds */
	first = sniff_seconds(&c);
	type = cursor_u8(&c) & 0x7F;
	cursor_skip(&c, 1);
	record = cursor_u16(&c);
	if (c.failed || type == 0 || type > 48 || record < 16)
		return false;
	cursor_skip(&c, (size_t)record - 12 + 4);
	second = sniff_seconds(&c);
	type = cursor_u8(&c) & 0x7F;
	return !c.failed && second - first <= 3600 && type > 0 && type <= 48;
}

static bool sniff_text(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool space = bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t';
		if ((bytes[i] < 0x20 && !space) || bytes[i] == 0x7F)
			return false;
	}
	return true;
}

static const struct magic *sniff_magic(const uint8_t *bytes, size_t count)
{
	static const struct magic erf = {.what = "an ERF capture"};
	static const struct magic text = {.what = "text", .remedy = "name a capture file"};
	for (size_t i = 0; i < ARRAY_COUNT(magics); i++) {
		if (count >= magics[i].length &&
		    memcmp(bytes, magics[i].bytes, magics[i].length) == 0)
			return &magics[i];
	}
	if (sniff_erf(bytes, count))
		return &erf;
	return sniff_text(bytes, count) ? &text : NULL;
}

/* What it is inside of gzip or zstd data: no remedy of one line leads to a capture. */
static bool sniff_refuse_packed(const struct sniffing *file, struct err *err)
{
	const struct magic *magic = sniff_magic(file->bytes, file->count);
	const char *name = path_tail(file->path);
	if (file->count == 0)
		return err_set(err, EXIT_USAGE,
			       "%s is %s data that unpack to nothing (0 bytes): name a pcap or "
			       "pcapng file",
			       name, file->packed);
	return err_set(err, EXIT_USAGE,
		       "%s is no capture: it is %s data that unpack to %s: name a pcap or "
		       "pcapng file",
		       name, file->packed,
		       magic ? magic->what : "something that is no pcap or pcapng file");
}

bool sniff_refuse(const struct sniffing *file, struct err *err)
{
	const struct magic *magic = sniff_magic(file->bytes, file->count);
	const char *name = path_tail(file->path), *remedy = magic ? magic->remedy : NULL;
	const char *place = remedy ? strstr(remedy, "%s") : NULL;
	if (file->packed)
		return sniff_refuse_packed(file, err);
	if (file->count == 0)
		return err_set(err, EXIT_USAGE,
			       "%s is empty (0 bytes): name a pcap or pcapng file", name);
	if (!magic)
		return err_set(
			err, EXIT_USAGE,
			"%s is no capture: its first bytes are those of no pcap or pcapng file",
			name);
	if (!remedy)
		return err_set(
			err, EXIT_USAGE,
			"%s is no pcap or pcapng file, it looks like %s: convert it with "
			"`editcap -F pcapng` first",
			name, magic->what);
	if (!place)
		return err_set(err, EXIT_USAGE, "%s is no capture, it looks like %s: %s", name,
			       magic->what, remedy);
	return err_set(err, EXIT_USAGE, "%s is no capture, it looks like %s: %.*s%s%s", name,
		       magic->what, (int)(place - remedy), remedy, file->path, place + 2);
}

bool sniff_unopened(const char *path, int error, struct err *err)
{
	const char *name = path_tail(path);
	if (error == EISDIR)
		return err_set(err, EXIT_USAGE, "%s is a directory: name a pcap or pcapng file",
			       name);
	if (error == EACCES || error == EPERM)
		return err_set(err, EXIT_PERMISSION,
			       "cannot open %s: %s; ask its owner for read permission", name,
			       strerror(error));
	if (error == ENOMEM)
		return err_memory(err);
	return err_set(err, EXIT_USAGE, "cannot open %s: %s; name a pcap or pcapng file", name,
		       strerror(error));
}
