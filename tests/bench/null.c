/* The floor of libpcap: reads every packet of a capture and does nothing with it. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	unsigned long packets = 0;
	pcap_t *pcap = argc > 1 ? pcap_open_offline(argv[1], error) : NULL;
	if (!pcap)
		return 1;
	while (pcap_next_ex(pcap, &header, &bytes) == 1)
		packets++;
	printf("%lu\n", packets);
	pcap_close(pcap);
	return 0;
}
