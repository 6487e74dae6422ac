// What the benchmark asks of gopacket: OPERATION SECONDS [FILE] prints one number, a rate per second.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/google/gopacket/tcpassembly"
)

var payload = make([]byte, 512)
var options = gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
var sink int

func build(buffer gopacket.SerializeBuffer) {
	ethernet := layers.Ethernet{
		DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1},
		EthernetType: layers.EthernetTypeIPv4}
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP,
		SrcIP: net.IP{10, 9, 0, 1}, DstIP: net.IP{10, 9, 0, 2}}
	tcp := layers.TCP{SrcPort: 40000, DstPort: 80, Seq: 1, Ack: 2, PSH: true, ACK: true, Window: 8192,
		Options: []layers.TCPOption{
			{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 180}},
			{OptionType: layers.TCPOptionKindSACKPermitted, OptionLength: 2},
			{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte{0, 0, 0, 1, 0, 0, 0, 2}},
			{OptionType: layers.TCPOptionKindNop, OptionLength: 1},
			{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{7}}}}
	tcp.SetNetworkLayerForChecksum(&ip)
	if err := gopacket.SerializeLayers(buffer, options, &ethernet, &ip, &tcp, gopacket.Payload(payload)); err != nil {
		panic(err)
	}
	sink += len(buffer.Bytes())
}

func rate(seconds float64, work func()) float64 {
	work()
	done := 0
	start := time.Now()
	for {
		for i := 0; i < 1000; i++ {
			work()
		}
		done += 1000
		if took := time.Since(start).Seconds(); took >= seconds {
			return float64(done) / took
		}
	}
}

// Reads a file again and again; work gives what each packet counts for.
func readFile(path string, seconds float64, work func([]byte, gopacket.CaptureInfo) int, end func()) float64 {
	total := 0
	start := time.Now()
	for {
		file, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		reader, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<18))
		if err != nil {
			panic(err)
		}
		for {
			data, info, err := reader.ZeroCopyReadPacketData()
			if err == io.EOF {
				break
			} else if err != nil {
				panic(err)
			}
			total += work(data, info)
		}
		end()
		file.Close()
		if took := time.Since(start).Seconds(); took >= seconds {
			return float64(total) / took
		}
	}
}

type stream struct{}

var assembled int

func (stream) Reassembled(parts []tcpassembly.Reassembly) {
	for _, part := range parts {
		assembled += len(part.Bytes)
	}
}

func (stream) ReassemblyComplete() {}

type factory struct{}

func (factory) New(_, _ gopacket.Flow) tcpassembly.Stream { return stream{} }

func main() {
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		panic(err)
	}
	once := gopacket.NewSerializeBuffer()
	build(once)
	data := append([]byte(nil), once.Bytes()...)
	var result float64
	switch os.Args[1] {
	case "build":
		result = rate(seconds, func() { build(gopacket.NewSerializeBuffer()) })
	case "build-reused":
		result = rate(seconds, func() { once.Clear(); build(once) })
	case "parse":
		result = rate(seconds, func() {
			packet := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
			sink += int(packet.TransportLayer().(*layers.TCP).DstPort)
		})
	case "parse-reused":
		var ethernet layers.Ethernet
		var ip layers.IPv4
		var tcp layers.TCP
		var rest gopacket.Payload
		parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &tcp, &rest)
		decoded := []gopacket.LayerType{}
		result = rate(seconds, func() {
			if err := parser.DecodeLayers(data, &decoded); err != nil {
				panic(err)
			}
			sink += int(tcp.DstPort)
		})
	case "import":
		result = readFile(os.Args[3], seconds, func(data []byte, _ gopacket.CaptureInfo) int {
			packet := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{})
			sink += int(packet.TransportLayer().(*layers.TCP).DstPort)
			return 1
		}, func() {})
	case "streams":
		assembler := tcpassembly.NewAssembler(tcpassembly.NewStreamPool(factory{}))
		var ethernet layers.Ethernet
		var ip layers.IPv4
		var tcp layers.TCP
		var rest gopacket.Payload
		parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &tcp, &rest)
		decoded := []gopacket.LayerType{}
		result = readFile(os.Args[3], seconds, func(data []byte, info gopacket.CaptureInfo) int {
			if err := parser.DecodeLayers(data, &decoded); err != nil {
				panic(err)
			}
			before := assembled
			assembler.AssembleWithTimestamp(ip.NetworkFlow(), &tcp, info.Timestamp)
			return assembled - before
		}, func() { assembler.FlushAll() }) / 1e6
	default:
		panic("unknown operation " + os.Args[1])
	}
	fmt.Printf("%.3f\n", result)
}
