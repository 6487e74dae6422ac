"""What the benchmark asks of Scapy: scapy_peer.py OPERATION SECONDS [FILE or INTERFACE] prints one number, a rate per second."""
import logging
import sys
import time

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.all import Ether, IP, TCP, UDP, ICMP, PcapReader, conf, sendp, sniff, sr, sr1  # noqa: E402

conf.verb = 0
PAYLOAD = bytes(i & 0xFF for i in range(512))
OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 2)), ("NOP", None), ("WScale", 7)]


def frame():
    return (
        Ether(dst="02:00:00:00:00:02", src="02:00:00:00:00:01")
        / IP(src="10.9.0.1", dst="10.9.0.2")
        / TCP(sport=40000, dport=80, seq=1, ack=2, flags="PA", options=OPTIONS)
        / PAYLOAD
    )


def rate(work, seconds, batch=50):
    work()
    done = 0
    start = time.perf_counter()
    while True:
        for _ in range(batch):
            work()
        done += batch
        took = time.perf_counter() - start
        if took >= seconds:
            return done / took


def read_file(path, seconds):
    done = 0
    start = time.perf_counter()
    while True:
        with PcapReader(path) as reader:
            for packet in reader:
                done += 1
                packet[TCP].dport
                if done % 500 == 0 and time.perf_counter() - start >= seconds:
                    return done / (time.perf_counter() - start)


def main():
    operation, seconds = sys.argv[1], float(sys.argv[2])
    if operation == "build":
        result = rate(lambda: bytes(frame()), seconds)
    elif operation == "build-reused":
        kept = frame()

        def again():
            kept[TCP].seq += 1
            return bytes(kept)

        result = rate(again, seconds)
    elif operation == "parse":
        data = bytes(frame())
        result = rate(lambda: Ether(data)[TCP].dport, seconds)
    elif operation == "import":
        result = read_file(sys.argv[3], seconds)
    elif operation == "send":
        packets = [frame() for _ in range(500)]
        result = rate(lambda: sendp(packets, iface=sys.argv[3]), seconds, 1) * len(packets)
    elif operation == "send-each":
        one = frame()
        result = rate(lambda: sendp(one, iface=sys.argv[3]), seconds, 5)
    elif operation == "exchange":
        target = sys.argv[3]
        ports = list(range(1, 1001))
        start = time.perf_counter()
        answered, _ = sr(IP(dst=target) / TCP(dport=ports, flags="S"), timeout=2)
        result = len(answered) / (time.perf_counter() - start)
    elif operation == "exchange-each":
        target = sys.argv[3]
        result = rate(lambda: sr1(IP(dst=target) / ICMP(), timeout=2), seconds, 5)
    elif operation == "sniff":
        seen = []

        def count(packet):
            if UDP in packet:
                seen.append(1)

        # Scapy cannot end when nothing comes any more, so it is given the time that the flood takes, and some.
        print("ready", flush=True)
        sniff(iface=sys.argv[3], filter=sys.argv[4] or None, store=False, prn=count, timeout=10, count=100000)
        result = len(seen)
    else:
        sys.exit("unknown operation " + operation)
    print("%.3f" % result)


main()
