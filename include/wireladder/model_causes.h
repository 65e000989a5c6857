/* Verdicts on segments that carry sequence space: why was this sent? Id, label, sentence,
 * clause. Part of VERDICT_LIST (model_verdicts.h), which says how a sentence is filled. */
#ifndef WIRELADDER_MODEL_CAUSES_H
#define WIRELADDER_MODEL_CAUSES_H

#define VERDICT_CAUSES(X) \
	X(RETRANSMISSION, "retransmission", "retransmission", \
	  "Bytes[ of packet {of}] are sent again.[ Either {candidates}: from here nobody " \
	  "can tell which.]", "RFC 9293 3.8.1") \
	X(SYN_RETRANSMISSION, "syn-retransmission", "SYN again", \
	  "The SYN[ of packet {of}] again[, {silence_ns} after the last: no answer had " \
	  "come][, {gap_ns} after the last, though {because} answered it: that was lost on " \
	  "the way, or not taken].", "RFC 6298 5") \
	X(SYNACK_RETRANSMISSION, "synack-retransmission", "SYN-ACK again", \
	  "The SYN-ACK[ of packet {of}] again[, {silence_ns} after the last]: the " \
	  "handshake was not completed.", "RFC 6298 5") \
	X(FIN_RETRANSMISSION, "fin-retransmission", "FIN again", \
	  "The FIN[ of packet {of}] again[, {silence_ns} after the last]: it was not " \
	  "acknowledged.", "RFC 9293 3.8.1") \
	X(RTO_RETRANSMISSION, "rto-retransmission", "timeout", \
	  "[Packet {of} again. ]Nothing was acknowledged[ in the {silence_ns} since the " \
	  "last send][ ({srtts} times the smoothed round trip)], and the retransmission " \
	  "timer ran out[: timeout number {number}].", "RFC 6298 5") \
	X(RTO_RECOVERY, "rto-recovery", "after timeout", \
	  "[Packet {of} again. ]The timeout[ of {because}] took all that was outstanding " \
	  "for lost, and slow start sends it anew.", "RFC 5681 3.1") \
	X(FAST_RETRANSMISSION, "fast-retransmission", "fast retransmit", \
	  "[Packet {of} again. ]The ACKs say that later bytes arrived and these did not[; " \
	  "duplicate ACKs so far: {dup_acks}][; bytes SACKed above these: {sacked_bytes}].", \
	  "RFC 5681 3.2") \
	X(RECOVERY_RETRANSMISSION, "recovery-retransmission", "recovery", \
	  "[Packet {of} again. ]One more hole of the recovery that was going on[; see " \
	  "{because}].", "RFC 6675 5") \
	X(TAIL_LOSS_PROBE, "tail-loss-probe", "tail loss probe", \
	  "[Packet {of} again. ]The last bytes outstanding had no answer[ for " \
	  "{silence_ns}][ ({srtts} times the smoothed round trip)]: this asks for an ACK " \
	  "before the retransmission timer runs out.", "RFC 8985 7.3") \
	X(OUT_OF_ORDER, "out-of-order", "out of order", \
	  "A late original, sent once[: it left before packet {of}, which overtook it][ by " \
	  "{late_ns}].", "RFC 9293 3.4") \
	X(NETWORK_DUPLICATE, "network-duplicate", "duplicate", \
	  "A second copy[ of packet {of}][, {gap_ns} later]: its sender sent it once, and " \
	  "the network doubled it.", "RFC 9293 3.4") \
	X(CAPTURE_DUPLICATE, "capture-duplicate", "captured twice", \
	  "The same packet[ as packet {of}], byte for byte[, {gap_ns} later]: the capture " \
	  "saw it twice, nobody sent it again.", "RFC 9293 3.4") \
	X(ZERO_WINDOW_PROBE, "zero-window-probe", "window probe", \
	  "The other end had no room[ when it sent {because}][ (window {window})]: has it " \
	  "now?[ Probe number {number}.]", "RFC 9293 3.8.6.1") \
	X(KEEP_ALIVE, "keep-alive", "keep-alive", \
	  "Nothing is outstanding and the window is open[, after {silence_ns} of silence]: " \
	  "is the other end still there?[ Probe number {number}.]", "RFC 9293 3.8.4") \
	X(SYN_DATA, "syn-data", "data in SYN", \
	  "The SYN carries data already[ ({len} bytes)]: TCP Fast Open.", "RFC 7413 4.2") \
	X(OLD_DUPLICATE, "old-duplicate", "old duplicate", \
	  "Bytes that were acknowledged long before[, in {because}]: it comes from the " \
	  "past.", "RFC 9293 3.4.3") \
	X(PAWS_DROP, "paws-drop", "too old (PAWS)", \
	  "Its timestamp is older than one that came before it[, that of packet {of}]: its " \
	  "receiver drops it.", "RFC 7323 5") \
	X(GAP, "gap", "gap before it", \
	  "The bytes before this packet[ ({len} of them)] are not in the capture[; they " \
	  "did arrive, as {because} acknowledges].", "RFC 9293 3.4") \
	X(WINDOW_FULL, "window-full", "window full", \
	  "It fills the other end's window[: {flight} bytes are outstanding][, all that " \
	  "{because} allowed].", "RFC 9293 3.8.6") \
	X(LOST, "lost", "lost", "It left, and did not arrive.", "RFC 9293 3.8.1")

#endif
