using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class DnsLayerTests
{
    [Fact]
    public void A_question_is_made_in_one_line()
    {
        Packet packet = new IPv4Layer() / new UdpLayer { SourcePort = 61001 }
            / new DnsLayer { Id = 0x1234, Questions = { new DnsQuestion("example.org", DnsType.AAAA) } };
        Assert.Equal(
            "12340100000100000000000007" + "6578616d706c65036f726700001c0001",
            Convert.ToHexStringLower(packet.ToBytes().AsSpan(28)));
        Assert.Equal("IP 127.0.0.1.61001 > 127.0.0.1.53: 4660+ AAAA? example.org. (29)", packet.ToString());
        Assert.Empty(packet.Anomalies);
    }

    [Fact]
    public void Arbitrary_bytes_behind_a_DNS_port_come_out_as_they_went_in() => Prop.ForAll<byte[]>(bytes =>
    {
        byte[] udp = (new IPv4Layer() / new UdpLayer() / bytes).ToBytes();
        byte[] tcp = (new IPv4Layer() / new TcpLayer { DestinationPort = 53 } / bytes).ToBytes();
        return Packet.Parse(udp).ToBytes().SequenceEqual(udp) && Packet.Parse(tcp).ToBytes().SequenceEqual(tcp);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutated_messages_come_out_as_they_went_in_and_can_be_encoded_anew()
    {
        byte[][] messages = [.. LayerSamples.All.Where(packet => packet.Dns is not null && packet.Udp is not null).Select(MessageOf)];
        new ByteMutator(61).Run(messages, 20_000, message =>
        {
            byte[] bytes = (new IPv4Layer() / new UdpLayer() / message).ToBytes();
            Packet packet = Packet.Parse(bytes);
            Assert.Equal(bytes, packet.ToBytes());
            Assert.NotEmpty(packet.ToString());
            if (packet.Dns is { } dns && dns.FixedFields.Count == 0)
            {
                // Whatever was read can be written by us, and is then read as the same.
                dns.Answers = [.. dns.Answers.Select(record => new DnsRecord(record.Name, record.Data, record.TimeToLive, record.Class))];
                dns.Questions = [.. dns.Questions.Select(question => new DnsQuestion(question.Name, question.Type, question.Class))];
                Packet again = Packet.Parse(packet.ToBytes());
                Assert.Equal(dns.Questions.Select(item => item.ToString()), again.Dns!.Questions.Select(item => item.ToString()));
                Assert.Equal(dns.Answers.Select(Show), again.Dns.Answers.Select(Show));
            }
        });
    }

    [Fact]
    public void Every_record_survives_bytes_and_text()
    {
        Packet read = Packet.Parse((new IPv4Layer() / new UdpLayer() / LayerSamples.Response.Copy()).ToBytes());
        Assert.Empty(read.Anomalies);
        Assert.Equal(LayerSamples.Response.Answers.Select(Show), read.Dns!.Answers.Select(Show));
        Assert.Equal(LayerSamples.Response.Authorities.Select(Show), read.Dns.Authorities.Select(Show));
        foreach (DnsRecord record in read.Dns.Answers.Concat(read.Dns.Authorities))
        {
            Assert.Equal(record.ToString(), DnsRecord.Parse(record.ToString()).ToString());
            Assert.Equal(record.Data.GetType(), DnsRecord.Parse(record.ToString()).Data.GetType());
        }

        Assert.Equal("1 2 5060 sip.example.org", Assert.Single(read.Dns.Answers, record => record.Type == DnsType.SRV).Data.ToString());
        Assert.Equal(4096, read.Dns.Edns!.UdpPayloadSize);
    }

    [Fact]
    public void Names_are_compressed_as_usual_and_a_received_encoding_stays_until_something_changes()
    {
        // The same name twice, spelled out both times: nobody has to compress.
        byte[] message = SampleFrames.Hex(
            "0001 8180 0001 0001 0000 0000" + "0161036f726700 0001 0001" + "0161036f726700 0001 0001 0000000a 0004 01020304");
        Packet packet = Packet.Parse((new IPv4Layer() / new UdpLayer() / message).ToBytes());
        Assert.Equal(message, packet.ToBytes()[28..]);
        packet.Dns!.Id = 7;
        Assert.Equal(message[2..], packet.ToBytes()[30..]);

        packet.Dns.Answers.Add(new DnsRecord("A.org", new DnsAddressData(NetworkAddress.Parse("5.6.7.8"))));
        Packet again = Packet.Parse(packet.ToBytes());
        Assert.Equal(["1.2.3.4", "5.6.7.8"], again.Dns!.Answers.Select(record => record.Data.ToString()));
        Assert.Equal("A.org", again.Dns.Answers[1].Name.ToString());

        // Header, question, a record whose name is a pointer, one with a label of its own and a pointer to "org".
        Assert.Equal(12 + 11 + 16 + 18, again.Dns.Length);
        Assert.Empty(again.Anomalies);
    }

    [Fact]
    public void What_is_wrong_is_told_and_kept()
    {
        byte[] message = SampleFrames.Hex("0001 8180 0001 0002 0000 0000" + "0161036f726700 0001 0001" + "c00c 0001 0001 0000000a 0003 010203");
        Packet packet = Packet.Parse((new IPv4Layer() / new UdpLayer() / message).ToBytes());
        Assert.Equal(
            [
                "DNS: the data of answer record 1 is not that of type A",
                "DNS: answer record 2 of 2 cannot be read",
            ],
            packet.Anomalies.Select(anomaly => anomaly.ToString()));
        Assert.IsType<DnsRawData>(packet.Dns!.Answers.Single().Data);
        Assert.Equal([nameof(DnsLayer.AnswerCount)], packet.Dns.FixedFields);
        Assert.Equal(message, packet.ToBytes()[28..]);
    }

    [Fact]
    public void Names_that_lead_round_in_circles_cost_nothing()
    {
        // Records without end whose names are pointers to pointers: each must lead back, and few jumps are enough.
        List<byte> message = [.. SampleFrames.Hex("0001 8180 0000 ffff 0000 0000")];
        while (message.Count < 60_000)
        {
            int before = Math.Max(12, message.Count - 12);
            message.AddRange([(byte)(0xC0 | ((before >> 8) & 0x3F)), (byte)before, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
        }

        byte[] bytes = (new IPv4Layer() / new UdpLayer() / message.ToArray()).ToBytes();
        Assert.Equal(bytes, Packet.Parse(bytes).ToBytes());
    }

    [Fact]
    public void Data_that_is_no_message_stays_a_payload()
    {
        foreach (string text in new[] { "hello", "some text that is long enough", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n" })
        {
            Packet packet = Packet.Parse((new IPv4Layer() / new UdpLayer() / text).ToBytes());
            Assert.Null(packet.Dns);
            Assert.Equal(text, packet.Payload!.Text);
            Assert.Empty(packet.Anomalies);
        }
    }

    [Fact]
    public void Over_TCP_the_length_goes_before_and_several_messages_fit_in_a_segment()
    {
        DnsLayer one = new() { Id = 1, Questions = { new("a.org") } };
        DnsLayer two = new() { Id = 2, Questions = { new("b.org") } };
        Packet packet = new IPv4Layer() / new TcpLayer { DestinationPort = 53, Flags = TcpFlags.Psh | TcpFlags.Ack } / one / two;
        byte[] bytes = packet.ToBytes();
        Assert.Equal("00170001", Convert.ToHexStringLower(bytes.AsSpan(40, 4)));
        Packet read = Packet.Parse(bytes);
        Assert.Equal([1, 2], read.Layers.OfType<DnsLayer>().Select(dns => (int)dns.Id));
        Assert.All(read.Layers, layer => Assert.Empty(layer.FixedFields));
        Assert.Empty(read.Anomalies);
        Assert.Equal(23, read.Dns!.MessageLength!.Value);

        // A message that goes on in the next segment stays bytes.
        Packet cut = Packet.Parse((new IPv4Layer() / new TcpLayer { DestinationPort = 53 } / bytes[40..^3]).ToBytes());
        Assert.Single(cut.Layers.OfType<DnsLayer>());
        Assert.Equal(22, cut.Payload!.Length);
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("example.org A")]
    [InlineData("example.org A fe80::1")]
    [InlineData("example.org A 1.2.3.4 5.6.7.8")]
    [InlineData("example.org NOTYPE x")]
    [InlineData("example.org TXT \"open")]
    [InlineData("example.org TYPE1 \\# 5 01020304")]
    [InlineData("a..b A 1.2.3.4")]
    [InlineData("example.org MX mail.example.org")]
    public void Text_that_is_no_record_is_refused_with_examples(string text) =>
        Assert.Contains("example.org A 192.0.2.1", Assert.Throws<FormatException>(() => DnsRecord.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Extensions_are_set_and_taken_away_like_a_field()
    {
        DnsLayer dns = new() { Questions = { new("a.org") }, Edns = new DnsEdns { DnssecOk = true, Options = [new(3, [])] } };
        Assert.Equal("OPT version 0 udp 1232 do 3:", dns.Edns!.ToString());
        Assert.Equal(1, dns.AdditionalCount!.Value);
        dns.Edns = dns.Edns with { UdpPayloadSize = 512 };
        Assert.Equal(512, dns.Edns!.UdpPayloadSize);
        Assert.Equal("0+ [1au] A? a.org. (38)"[..^5], dns.ToString());
        dns.Edns = null;
        Assert.Empty(dns.Additionals);
    }

    private static string Show(DnsRecord record) => record.ToString();

    private static byte[] MessageOf(Packet packet) =>
        new Packet([packet.Dns!.Copy()]).ToBytes();
}
