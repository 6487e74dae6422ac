using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Which options stand where, and that a connection goes by what its SYN has said.</summary>
public class OptionLayoutTests
{
    public static TheoryData<string> Names { get; } = [.. TcpParts.OptionLayouts.Select(part => part.Name)];

    [Theory]
    [InlineData("Linux", "020405B4 0402 080A0000000100000002 01 030307")]
    [InlineData("FreeBSD", "020405B4 01 030307 0402 080A0000000100000002")]
    [InlineData("Windows", "020405B4 01 030307 01 01 0402")]
    [InlineData("MacOS", "020405B4 01 030307 01 01 080A0000000100000002 0402 0000")]
    [InlineData("Aligned", "020405B4 01 030307 01 01 0402 01 01 080A0000000100000002")]
    [InlineData("Minimal", "020405B4")]
    [InlineData("None", "")]
    public void A_syn_has_the_options_of_its_layout(string name, string hex) => Assert.Equal(
        hex.Replace(" ", "", StringComparison.Ordinal), Write(TcpParts.Find(TcpParts.OptionLayouts, name)!, OptionPlace.Syn));

    [Fact]
    public void A_list_is_written_as_it_stands_and_unknown_options_go_along()
    {
        OptionList list = new("mss=1300,ws=3,?253=f989aa,nop,?28", "mss", "nop,nop,ts,?254");
        Assert.Equal("02040514030303FD05F989AA011C020000000000", Write(list, OptionPlace.Syn).PadRight(40, '0'));
        Assert.Equal("020405B4", Write(list, OptionPlace.SynAck));
        Assert.Equal("0101080A0000000100000002FE020000", Write(list, OptionPlace.Data));
        Assert.Equal("mss=1300,ws=3,?253=f989aa,nop,?28", list.Name);
    }

    [Theory]
    [InlineData("mss,what")]
    [InlineData("ws=15")]
    [InlineData("mss=70000")]
    [InlineData("?1")]
    [InlineData("?300")]
    [InlineData("?253=abc")]
    [InlineData("nop=1")]
    [InlineData("ts,ts,ts,ts,ts")]
    public void A_list_that_cannot_be_is_refused_with_advice(string list) =>
        Assert.NotEmpty(Assert.Throws<StackException>(() => new OptionList(list)).Advice);

    [Fact]
    public void Whatever_stands_in_a_list_fits_a_header_and_can_be_read()
    {
        Gen<string> word = Gen.Elements("mss", "ws", "sok", "sack", "ts", "nop", "eol", "mss=1", "ws=14", "?77=0102", "?30", "?254=");
        Gen<string> list = Gen.Select(Gen.ArrayOf(word), words => string.Join(',', words));
        Prop.ForAll(list.ToArbitrary(), Gen.Choose(0, 63).ToArbitrary(), (text, flags) =>
        {
            OptionList layout;
            try
            {
                layout = new OptionList(text, established: text);
            }
            catch (StackException)
            {
                return; // more than 40 bytes
            }

            foreach (OptionPlace place in Enum.GetValues<OptionPlace>())
            {
                byte[] bytes = Convert.FromHexString(Write(layout, place, flags));
                Assert.True(bytes.Length <= 40 && bytes.Length % 4 == 0);
                TcpOptionReader reader = new(bytes);
                while (reader.MoveNext())
                {
                }

                Assert.False(reader.IsMalformed);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_megabyte_passes_with_every_layout_on_either_side_over_loss(string name)
    {
        ITcpOptionLayout layout = TcpParts.Find(TcpParts.OptionLayouts, name)!;
        foreach (bool isClient in new[] { true, false })
        {
            using Rig rig = new(
                impairment: new Impairment { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.01 },
                wire: new PacketWireOptions { MaximumSegmentationLength = 0 },
                client: o => isClient ? o with { Tcp = o.Tcp with { OptionLayout = layout } } : o,
                server: o => isClient ? o : o with { Tcp = o.Tcp with { OptionLayout = layout } });
            (TcpSession client, TcpSession server) = rig.Establish();
            Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 20, 1), Transfer.Bytes(50_000, 2), TimeSpan.FromMinutes(10));
            Assert.Empty(rig.Client.PartErrors);
        }
    }

    [Fact]
    public void What_the_syn_leaves_out_or_changes_is_what_both_sides_go_by()
    {
        using Rig rig = new(client: o => o with { Tcp = o.Tcp with { OptionLayout = new OptionList("mss=1000,nop,ws=2") } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal((false, false, true, 2), (client.Info.Timestamps, client.Info.Sack, client.Info.WindowScaling, client.Info.ReceiveWindowScale));
        Assert.Equal((false, false, 2, 1000), (server.Info.Timestamps, server.Info.Sack, server.Info.SendWindowScale, server.Info.SendMaximumSegment));
    }

    [Fact]
    public void A_larger_shift_than_the_settings_have_loses_nothing()
    {
        using Rig rig = new(
            impairment: new Impairment { Delay = TimeSpan.FromMilliseconds(1) },
            server: o => o with { Tcp = o.Tcp with { OptionLayout = new OptionList("mss,nop,ws=14"), ReceiveBufferMaximum = 131072 } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 20, 1), [], TimeSpan.FromMinutes(1));
        Assert.Equal(14, server.Info.ReceiveWindowScale);
    }

    [Fact]
    public void Longer_options_leave_less_room_for_data_so_that_packets_fit()
    {
        using Rig rig = new(
            wire: new PacketWireOptions { MaximumSegmentationLength = 0 },
            client: o => o with { Tcp = o.Tcp with { OptionLayout = new OptionList("mss,sok,ts,nop,ws", established: "nop,nop,ts,?253=0102030405060708090a") } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(1460 - 24, client.Info.SendMaximumSegment);
        Transfer.BothWays(rig, client, server, Transfer.Bytes(100_000, 1), [], TimeSpan.FromMinutes(1));
        Assert.Equal(0, rig.Wire.A.Counters.SendDrops);
    }

    [Fact]
    public void A_layout_that_throws_is_counted_and_the_profiles_own_takes_its_place()
    {
        using Rig rig = new(client: o => o with { Tcp = o.Tcp with { OptionLayout = new Failing() } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(10_000, 1), [], TimeSpan.FromMinutes(1));
        Assert.True(client.Info.Timestamps);
        Assert.Equal(PartKind.OptionLayout, rig.Client.PartErrors[0].Kind);
    }

    private static string Write(ITcpOptionLayout layout, OptionPlace place, int flags = 63)
    {
        Span<byte> bytes = stackalloc byte[TcpOptionWriter.MaximumLength];
        TcpOptionWriter writer = new(bytes);
        SackBlock[] blocks = (flags & 8) == 0 || flags == 63 ? [] : [new(new SequenceNumber(1), new SequenceNumber(2)), new(new SequenceNumber(3), new SequenceNumber(4))];
        layout.Write(ref writer, new TcpOptionContent
        {
            Place = place,
            MaximumSegmentSize = 1460,
            WindowScale = (flags & 1) != 0 && place is OptionPlace.Syn or OptionPlace.SynAck ? (byte)7 : null,
            SackPermitted = (flags & 2) != 0,
            HasTimestamps = (flags & 4) != 0,
            TimestampValue = 1,
            TimestampEcho = 2,
            SackBlocks = blocks,
        });
        while (writer.Length % 4 != 0)
        {
            writer.AddEnd();
        }

        return Convert.ToHexString(bytes[..writer.Length]);
    }

    private sealed class Failing : ITcpOptionLayout
    {
        public string Name => "failing";

        public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
        {
            writer.AddNop();
            throw new InvalidOperationException("no options");
        }
    }
}
