#include "pids.h"

void pids_init(struct pids *pids, size_t item_size)
{
	*pids = (struct pids){0};
	pool_init(&pids->pool, item_size, PIDS_MAX);
}

static size_t pids_head(pid_t pid)
{
	return (size_t)pid % PIDS_HEADS; /* the kernel gives them one after the other */
}

void *pids_find(const struct pids *pids, pid_t pid)
{
	uint32_t index = pids->heads[pids_head(pid)];
	while (index) {
		struct pid_item *item = pool_at(&pids->pool, index);
		if (item->pid == pid)
			return item;
		index = item->next;
	}
	return NULL;
}

void *pids_add(struct pids *pids, pid_t pid)
{
	uint32_t *head = &pids->heads[pids_head(pid)];
	uint32_t index = pool_take(&pids->pool);
	struct pid_item *item;
	if (!index)
		return NULL;
	item = pool_at(&pids->pool, index);
	*item = (struct pid_item){.pid = pid, .index = index, .next = *head};
	*head = index;
	return item;
}

void pids_drop(struct pids *pids, void *dropped)
{
	struct pid_item *item = dropped;
	uint32_t *link = &pids->heads[pids_head(item->pid)];
	while (*link != item->index)
		link = &((struct pid_item *)pool_at(&pids->pool, *link))->next;
	*link = item->next;
	pool_give(&pids->pool, item->index);
}

void pids_each(struct pids *pids, void (*each)(void *context, void *item), void *context)
{
	for (size_t i = 0; i < PIDS_HEADS; i++) {
		uint32_t index = pids->heads[i], next;
		for (; index; index = next) {
			struct pid_item *item = pool_at(&pids->pool, index);
			next = item->next;
			each(context, item);
		}
	}
}

void pids_close(struct pids *pids)
{
	pool_close(&pids->pool);
}
