using System;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>A hook is called for the packets that its filter names and no others.</summary>
public sealed class HookFilterTests
{
    [Fact]
    public void Filters_choose_by_flags_data_ports_addresses_and_protocol()
    {
        HookFilter all = HookFilter.All;
        Check(true, all);
        Check(true, new HookFilter());
        Check(true, all with { FlagsSet = TcpFlags.Ack | TcpFlags.Psh });
        Check(false, all with { FlagsSet = TcpFlags.Ack | TcpFlags.Fin });
        Check(true, all with { FlagsSet = TcpFlags.Ack, FlagsUnset = TcpFlags.Fin | TcpFlags.Rst });
        Check(false, all with { FlagsUnset = TcpFlags.Psh });
        Check(true, all with { HasData = true });
        Check(false, all with { HasData = false });
        Check(true, all with { Ports = [new(22), new(80, 90)] });
        Check(true, all with { Ports = [new(1000)] });
        Check(false, all with { Ports = [new(81, 90)] });
        Check(true, all with { LocalPorts = [new(1000)], RemotePorts = [new(80)] });
        Check(false, all with { LocalPorts = [new(80)] });
        Check(false, all with { RemotePorts = [new(1000)] });
        Check(true, all with { Addresses = [InterfaceAddress.Parse("10.9.0.2")] });
        Check(true, all with { Addresses = [InterfaceAddress.Parse("192.168.0.0/16"), InterfaceAddress.Parse("10.9.0.0/30")] });
        Check(false, all with { Addresses = [InterfaceAddress.Parse("10.8.0.0/16")] });
        Check(true, all with { LocalAddresses = [InterfaceAddress.Parse("10.9.0.1")], RemoteAddresses = [InterfaceAddress.Parse("10.9.0.2")] });
        Check(false, all with { LocalAddresses = [InterfaceAddress.Parse("10.9.0.2")] });
        Check(true, all with { Protocol = IPProtocol.Tcp });
        Check(false, all with { Protocol = IPProtocol.Udp });
        Check(true, all with { States = [TcpState.Closed] });
        Check(false, all with { States = [TcpState.Established, TcpState.FinWait1] });
    }

    [Fact]
    public void A_later_fragment_has_addresses_and_nothing_else()
    {
        Packet fragment = new(
            new IPv4Layer { Source = Rig.ClientAddress, Destination = Rig.ServerAddress, FragmentOffset = 8, Protocol = IPProtocol.Tcp },
            new PayloadLayer([.. new byte[40]]));
        Check(true, new HookFilter { Addresses = [InterfaceAddress.Parse("10.9.0.2")] }, fragment);
        Check(false, new HookFilter { Ports = [new(0, 65535)] }, fragment);
        Check(false, new HookFilter { FlagsUnset = TcpFlags.Syn }, fragment);
        Check(false, new HookFilter { HasData = false }, fragment);
    }

    [Fact]
    public void Filters_choose_by_session_and_state()
    {
        using Rig rig = new();
        using TcpListener listener = rig.Listen();
        (TcpSession first, TcpSession firstServer) = rig.Establish(listener: listener);
        (TcpSession second, TcpSession secondServer) = rig.Establish(listener: listener);
        PacketHook bySession = rig.Client.Hook(HookStage.IPOut, Accept, new HookFilter { Session = first });
        PacketHook byState = rig.Client.Hook(HookStage.TcpIn, Accept, new HookFilter { States = [TcpState.FinWait1, TcpState.FinWait2] });
        PacketHook changes = rig.Client.Hook(HookStage.StateChange, Accept, new HookFilter { States = [TcpState.FinWait1], Ports = [new(Rig.Port)] });
        second.Say(secondServer, "not this one");
        Assert.Equal(0, bySession.Matched);
        Assert.True(bySession.Seen > 0);
        first.Say(firstServer, "this one");
        Assert.True(bySession.Matched > 0);
        Assert.Equal(0, byState.Matched);
        first.Shutdown();
        rig.Network.RunUntilIdle();
        Assert.True(byState.Matched > 0);
        Assert.Equal(1, changes.Matched);
    }

    private static HookVerdict Accept(ref HookCall call) => HookVerdict.Accept;

    private static void Check(bool expected, HookFilter filter, Packet? packet = null)
    {
        using Rig rig = new();
        PacketHook hook = rig.Client.Hook(HookStage.LinkOut, Accept, filter);
        rig.Client.SendRaw((packet ?? new Packet(
            new IPv4Layer { Source = Rig.ClientAddress, Destination = Rig.ServerAddress },
            new TcpLayer { SourcePort = 1000, DestinationPort = 80, Flags = TcpFlags.Ack | TcpFlags.Psh },
            new PayloadLayer("data"))).ToBytes());
        Assert.Equal(1, hook.Seen);
        Assert.Equal(expected ? 1 : 0, hook.Matched);
    }
}
