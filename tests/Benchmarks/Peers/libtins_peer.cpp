// What the benchmark asks of libtins: OPERATION SECONDS [FILE] prints one number, a rate per second.
#include <tins/tins.h>
#include <tins/tcp_ip/stream_follower.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace Tins;
using Clock = std::chrono::steady_clock;

static std::vector<uint8_t> payload(512);
static size_t sink;

static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

static EthernetII make()
{
    EthernetII frame = EthernetII("02:00:00:00:00:02", "02:00:00:00:00:01") / IP("10.9.0.2", "10.9.0.1") / TCP(80, 40000) / RawPDU(payload);
    TCP &tcp = frame.rfind_pdu<TCP>();
    tcp.seq(1);
    tcp.ack_seq(2);
    tcp.flags(TCP::PSH | TCP::ACK);
    tcp.mss(1460);
    tcp.sack_permitted();
    tcp.timestamp(1, 2);
    tcp.add_option(TCP::option(TCP::NOP));
    tcp.winscale(7);
    return frame;
}

template <typename Work> static double rate(double seconds, Work work)
{
    work();
    size_t done = 0;
    auto start = Clock::now();
    for (;;) {
        for (int i = 0; i < 1000; i++) {
            work();
        }
        done += 1000;
        double took = since(start);
        if (took >= seconds) {
            return done / took;
        }
    }
}

template <typename Work> static double read_file(const char *path, double seconds, Work work)
{
    size_t total = 0;
    auto start = Clock::now();
    for (;;) {
        FileSniffer sniffer(path);
        while (Packet packet = sniffer.next_packet()) {
            total += work(packet);
        }
        double took = since(start);
        if (took >= seconds) {
            return total / took;
        }
    }
}

int main(int, char **argv)
{
    std::string operation = argv[1];
    double seconds = std::atof(argv[2]);
    double result;
    if (operation == "build") {
        result = rate(seconds, [] { sink += make().serialize().size(); });
    } else if (operation == "build-reused") {
        EthernetII kept = make();
        TCP &tcp = kept.rfind_pdu<TCP>();
        result = rate(seconds, [&] {
            tcp.seq(tcp.seq() + 1);
            sink += kept.serialize().size();
        });
    } else if (operation == "parse") {
        std::vector<uint8_t> data = make().serialize();
        result = rate(seconds, [&] {
            EthernetII frame(data.data(), data.size());
            sink += frame.rfind_pdu<TCP>().dport();
        });
    } else if (operation == "import") {
        result = read_file(argv[3], seconds, [](Packet &packet) {
            sink += packet.pdu()->rfind_pdu<TCP>().dport();
            return 1;
        });
    } else if (operation == "streams") {
        size_t assembled = 0;
        auto follow = [&](TCPIP::Stream &stream) {
            stream.client_data_callback([&](TCPIP::Stream &s) { assembled += s.client_payload().size(); });
            stream.server_data_callback([&](TCPIP::Stream &s) { assembled += s.server_payload().size(); });
        };
        size_t total = 0;
        auto start = Clock::now();
        do {
            TCPIP::StreamFollower follower;
            follower.new_stream_callback(follow);
            FileSniffer sniffer(argv[3]);
            while (Packet packet = sniffer.next_packet()) {
                follower.process_packet(packet);
            }
            total = assembled;
        } while (since(start) < seconds);
        result = total / since(start) / 1e6;
    } else {
        std::fprintf(stderr, "unknown operation %s\n", operation.c_str());
        return 2;
    }
    std::printf("%.3f\n", result);
    return 0;
}
