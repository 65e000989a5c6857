/*
 * Theory of operation
 *
 * Let A be what must be added to the second clock to have the first, a straight line in time:
 * offset and drift. A packet that leaves at the first vantage arrives later by the true time:
 * its first stamp is ahead of the second by at most A. One that leaves at the second is ahead
 * by at least A. So the line lies above every packet one way and below every packet the other
 * way, and where both come close it is known well.
 *
 * The drift is the common slope of the closest packets of each of 64 stretches of time, by
 * least squares. It is uncertain by three times its own error, and by a millisecond over the
 * time that both captures share: so much may delays change that have nothing to do with clocks.
 * A drift that is no more than its uncertainty is none. The offset is the
 * middle between both sides: that takes the fastest packet of either direction to need the same
 * time. It need not: but any line with every packet on its right side could be the true one, so
 * the uncertainty is how far the farthest of these lies from the line chosen, at either end of
 * the capture. That is a bound, not an estimate; without drift it is half of the least round
 * trip.
 *
 * One direction alone bounds the line on one side only. Then the clocks are taken to be right
 * as they are, unless packets would arrive before they left, or longer after it than any takes:
 * then the fastest is taken to need no time at all. The least difference by the clocks as they
 * are stands for the uncertainty.
 */
#include "match_clock.h"

#define STRETCHES     64
#define DRIFT_MOST    1000000 /* ppb: no clock that anybody uses drifts by a thousandth */
#define FREEDOM_LEAST 3  /* stretches more than a line each way takes: its error is a guess */
#define BISECTIONS    22 /* 2^22 > 2 * DRIFT_MOST */

/* Without overflow, for any number of nanoseconds. */
static int64_t drift_ns(int64_t ppb, int64_t ns)
{
	return ppb * (ns / 1000000) / 1000 + ppb * (ns % 1000000) / 1000000000;
}

/* Between which the line lies that drifts so: at the first instant. */
struct band {
	int64_t low, high;
};

static struct band band_of(const struct instants *instants, int64_t ppb)
{
	struct band band = {INT64_MIN, INT64_MAX};
	for (size_t i = 0; i < instants->count; i++) {
		const struct instant *instant = &instants->at[i];
		int64_t at = instant->ahead_ns - drift_ns(ppb, instant->second_ns);
		if (instant->leaves == 0 && at > band.low)
			band.low = at;
		if (instant->leaves == 1 && at < band.high)
			band.high = at;
	}
	return band;
}

static bool band_is_open(const struct instants *instants, int64_t ppb)
{
	struct band band = band_of(instants, ppb);
	return band.low <= band.high;
}

/* The closest packet of one stretch of time in one direction. */
static const struct instant *stretch_closest(const struct instants *instants, size_t *from,
					     int64_t end_ns, uint8_t leaves)
{
	const struct instant *closest = NULL;
	for (; *from < instants->count && instants->at[*from].second_ns <= end_ns; ++*from) {
		const struct instant *instant = &instants->at[*from];
		if (instant->leaves != leaves)
			continue;
		if (!closest || (leaves == 0 ? instant->ahead_ns > closest->ahead_ns
					     : instant->ahead_ns < closest->ahead_ns))
			closest = instant;
	}
	return closest;
}

struct sums { /* of one direction's closest packets; a slope is no time, so doubles will do */
	double count, x, y, xx, xy, yy;
};

static void sums_of(const struct instants *instants, uint8_t leaves, struct sums *sums)
{
	int64_t span = instants->at[instants->count - 1].second_ns;
	size_t from = 0;
	*sums = (struct sums){0};
	for (int64_t k = 1; k <= STRETCHES; k++) {
		int64_t end = k == STRETCHES ? span : span / STRETCHES * k;
		const struct instant *closest = stretch_closest(instants, &from, end, leaves);
		double x, y;
		if (!closest)
			continue;
		x = (double)closest->second_ns / 1e9;
		y = (double)closest->ahead_ns;
		sums->count += 1;
		sums->x += x;
		sums->y += y;
		sums->xx += x * x;
		sums->xy += x * y;
		sums->yy += y * y;
	}
	if (sums->count > 0) { /* from here on about their mean */
		sums->xx -= sums->x * sums->x / sums->count;
		sums->xy -= sums->x * sums->y / sums->count;
		sums->yy -= sums->y * sums->y / sums->count;
	}
}

/* By Newton's method; no reason to need libm. */
static double root_of(double value)
{
	double root = value > 1 ? value : 1;
	for (int i = 0; i < 64; i++)
		root = (root + value / root) / 2;
	return root;
}

/* The slope, and how far it may be off: three times its own error, and no less than if a delay
 * at one end of the time were off by what no clock is trusted for. *sure_ppb stays the most
 * that there is when nothing can be told. */
static double slope_of(const struct instants *instants, double *sure_ppb)
{
	struct sums there, back;
	double xx, xy, left, slope, freedom, error, span;
	const struct instant *last = &instants->at[instants->count - 1];
	*sure_ppb = DRIFT_MOST;
	sums_of(instants, 0, &there);
	sums_of(instants, 1, &back);
	xx = there.xx + back.xx;
	xy = there.xy + back.xy;
	freedom = there.count + back.count - 3;
	span = (double)(last->second_ns - instants->at[0].second_ns) / 1e9;
	if (xx <= 0 || freedom < FREEDOM_LEAST || span <= 0)
		return 0;
	slope = xy / xx;
	left = there.yy + back.yy - slope * xy;
	error = left > 0 ? 3 * root_of(left / freedom / xx) : 0;
	*sure_ppb = error > SLACK_LEAST_NS / span ? error : SLACK_LEAST_NS / span;
	return slope;
}

/* What is no greater than its uncertainty is none: then that is in question, too. */
static void drift_fit(const struct instants *instants, struct clocks *clocks)
{
	double sure, slope = slope_of(instants, &sure), size = slope < 0 ? -slope : slope;
	clocks->drift_ppb = 0;
	if (size > sure && size <= DRIFT_MOST)
		clocks->drift_ppb = (int64_t)(slope < 0 ? slope - 0.5 : slope + 0.5);
	else
		sure += size;
	clocks->drift_uncertainty_ppb = sure < DRIFT_MOST ? (uint64_t)(sure + 0.5) : DRIFT_MOST;
}

/* The farthest drift on this side of one that is possible for which a line exists. */
static int64_t drift_limit(const struct instants *instants, int64_t possible, int64_t limit)
{
	if (band_is_open(instants, limit))
		return limit;
	for (int i = 0; i < BISECTIONS; i++) {
		int64_t middle = (possible + limit) / 2;
		if (band_is_open(instants, middle))
			possible = middle;
		else
			limit = middle;
	}
	return possible;
}

/* How far beyond the line chosen a possible line of that drift lies at this time, above (1) or
 * below it (-1). */
static int64_t line_beyond(const struct instants *instants, const struct clocks *line,
			   int64_t ppb, int64_t at_ns, int above)
{
	struct band band = band_of(instants, ppb);
	int64_t chosen = line->offset_ns + drift_ns(line->drift_ppb, at_ns);
	int64_t other = (above > 0 ? band.high : band.low) + drift_ns(ppb, at_ns);
	return above > 0 ? other - chosen : chosen - other;
}

/* The most of that over all drifts: it rises and then falls. */
static int64_t line_farthest(const struct instants *instants, const struct clocks *line,
			     int64_t at_ns, int above)
{
	int64_t low = drift_limit(instants, line->drift_ppb, -DRIFT_MOST);
	int64_t high = drift_limit(instants, line->drift_ppb, DRIFT_MOST);
	int64_t most = line_beyond(instants, line, line->drift_ppb, at_ns, above);
	while (high - low > 2) {
		int64_t third = (high - low) / 3, left, right;
		left = line_beyond(instants, line, low + third, at_ns, above);
		right = line_beyond(instants, line, high - third, at_ns, above);
		if (left < right)
			low += third;
		else
			high -= third;
		if (left > most || right > most)
			most = left > right ? left : right;
	}
	return most;
}

static void clocks_bound(const struct instants *instants, struct clocks *clocks)
{
	const int64_t ends[] = {0, instants->end_ns};
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		for (int above = -1; above <= 1; above += 2) {
			int64_t far = line_farthest(instants, clocks, ends[i], above);
			if (far > 0 && (uint64_t)far > clocks->uncertainty_ns)
				clocks->uncertainty_ns = (uint64_t)far;
		}
	}
}

/* The line is chosen; how fast are the fastest by it? */
static void clocks_least(const struct band *band, struct clocks *clocks)
{
	int64_t there = band->low == INT64_MIN ? 0 : clocks->offset_ns - band->low;
	int64_t back = band->high == INT64_MAX ? 0 : band->high - clocks->offset_ns;
	int64_t worst = there < back ? there : back;
	clocks->crooked = worst < 0;
	clocks->least_ns[0] = there > 0 ? (uint64_t)there : 0;
	clocks->least_ns[1] = back > 0 ? (uint64_t)back : 0;
	if (worst < 0)
		clocks->uncertainty_ns = (uint64_t)-worst;
}

/* One direction: in question is all that separates the line from its only bound. */
static void clocks_fit_one(const struct band *band, int64_t base_ns, struct clocks *clocks)
{
	bool there = band->high == INT64_MAX;
	int64_t bound = there ? band->low : band->high;
	int64_t as_they_are = -base_ns;
	int64_t least = there ? as_they_are - bound : bound - as_they_are;
	bool possible = least >= 0 && least <= STAMPS_TRUSTED_NS;
	clocks->offset_ns = possible ? as_they_are : bound;
	clocks->uncertainty_ns = (uint64_t)(least < 0 ? -least : least);
}

void clocks_fit(const struct instants *instants, int64_t base_ns, struct clocks *clocks)
{
	struct band band;
	int64_t moved_ns; /* from when the drift counts from to the first instant */
	bool one;
	if (instants->count == 0)
		return;
	if (!instants->keep)
		drift_fit(instants, clocks);
	if (!instants->keep && !band_is_open(instants, clocks->drift_ppb) &&
	    band_is_open(instants, 0)) {
		clocks->drift_ppb = 0;
		clocks->drift_uncertainty_ppb = DRIFT_MOST;
	}
	moved_ns = base_ns - drift_ns(clocks->drift_ppb, -instants->since_ns);
	clocks->offset_ns -= moved_ns;
	band = band_of(instants, clocks->drift_ppb);
	one = band.low == INT64_MIN || band.high == INT64_MAX;
	if (!instants->keep && one)
		clocks_fit_one(&band, base_ns, clocks);
	else if (!instants->keep)
		clocks->offset_ns = band.low + (band.high - band.low) / 2;
	clocks_least(&band, clocks);
	if (!instants->keep && !one && !clocks->crooked)
		clocks_bound(instants, clocks);
	clocks->offset_ns += moved_ns;
}

uint64_t clocks_align(const struct clocks *clocks, uint64_t second_ns)
{
	int64_t since = (int64_t)(second_ns - clocks->since_ns);
	int64_t more = clocks->offset_ns;
	if (clocks->drift_ppb && clocks->since_ns)
		more += drift_ns(clocks->drift_ppb, since);
	if (more < 0 && (uint64_t)-more > second_ns)
		return 0;
	return second_ns + (uint64_t)more;
}
