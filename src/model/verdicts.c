#include "wireladder/model_verdicts.h"

const struct verdict *verdicts_find(const struct verdict *verdicts, size_t count,
				    enum verdict_id id)
{
	for (size_t i = 0; i < count && i < VERDICTS_MAX; i++) {
		if (verdicts[i].id == id)
			return &verdicts[i];
	}
	return NULL;
}
