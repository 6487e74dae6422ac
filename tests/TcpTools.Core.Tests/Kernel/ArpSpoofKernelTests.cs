using System;
using System.Net;
using System.Net.Sockets;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Probing;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>What the kernel's neighbour tables hold while two hosts on a bridge are told something else than the truth, and after.</summary>
[Trait("Category", "Root")]
public sealed class ArpSpoofKernelTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly NetworkAddress s_alice = NetworkAddress.Parse("10.8.0.1");
    private static readonly NetworkAddress s_bob = NetworkAddress.Parse("10.8.0.2");

    private readonly LabNamespace _bridge = LabNamespace.Create();
    private readonly LabNamespace _alice = LabNamespace.Create();
    private readonly LabNamespace _bob = LabNamespace.Create();
    private readonly LabNamespace _mallory = LabNamespace.Create();

    public ArpSpoofKernelTests()
    {
        _bridge.Configure("link", "add", "br0", "type", "bridge");
        _bridge.Configure("link", "set", "br0", "up");
        Plug(_alice, "10.8.0.1/24", "port1");
        Plug(_bob, "10.8.0.2/24", "port2");
        Plug(_mallory, "10.8.0.3/24", "port3");
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _mallory.Dispose();
        _bridge.Dispose();
    }

    [RootFact("ping")]
    public void Both_kernels_believe_it_talk_through_us_and_know_the_truth_again()
    {
        MacAddress alice = MacOf(_alice);
        MacAddress bob = MacOf(_bob);
        Assert.Equal(0, _alice.Run("ping", "-c", "1", "-W", "10", "10.8.0.2").ExitCode);
        InterfaceNetwork network = InterfaceNetwork.Read("veth0", _mallory.Name);
        using (ArpSpoof spoof = Start(network))
        {
            Assert.True(Tool.Until(() => Neighbour(_alice, s_bob) == network.HardwareAddress && Neighbour(_bob, s_alice) == network.HardwareAddress, s_limit));
            Assert.Equal([new ArpSpoofHost(s_bob, bob), new ArpSpoofHost(s_alice, alice)], spoof.Hosts);
            _bob.Adopt(KernelServer.Start(_bob, IPAddress.Parse("10.8.0.2"), 7, KernelServer.Echo));
            using Socket socket = KernelSocket.Connect(_alice, IPAddress.Parse("10.8.0.2"), 7);
            byte[] sent = RepeatableData.Make(100_000);
            KernelServer.SendAll(socket, sent);
            byte[] back = new byte[sent.Length];
            for (int at = 0; at < back.Length;)
            {
                at += socket.Receive(back.AsSpan(at));
            }

            Assert.True(sent.AsSpan().SequenceEqual(back));
            Assert.True(spoof.Forwarded > 0);
        }

        Assert.Equal(bob, Neighbour(_alice, s_bob));
        Assert.Equal(alice, Neighbour(_bob, s_alice));
        Assert.Equal(0, _alice.Run("ping", "-c", "1", "-W", "10", "10.8.0.2").ExitCode);
        Assert.Equal(bob, Neighbour(_alice, s_bob));
    }

    private static ArpSpoof Start(InterfaceNetwork network) => ArpSpoof.Start(
        new LinkChannel(PacketSocketLink.OpenStation(network, network.HardwareAddress), ownsLink: true),
        new ArpSpoofOptions
        {
            Address = s_bob,
            Targets = [s_alice],
            BothWays = true,
            Forward = true,
            HardwareAddress = network.HardwareAddress,
            OwnAddresses = [NetworkAddress.Parse("10.8.0.3")],
            Interval = TimeSpan.FromMilliseconds(500),
        });

    private static MacAddress MacOf(LabNamespace place) => InterfaceNetwork.Read("veth0", place.Name).HardwareAddress;

    private static MacAddress Neighbour(LabNamespace place, NetworkAddress address)
    {
        string entry = place.Configure("neigh", "show", address.ToString(), "dev", "veth0");
        int at = entry.IndexOf("lladdr ", StringComparison.Ordinal);
        return at < 0 ? MacAddress.None : MacAddress.Parse(entry.Substring(at + 7, 17));
    }

    private void Plug(LabNamespace place, string address, string port)
    {
        Tool.Run("ip", "link", "add", "veth0", "netns", place.Name, "type", "veth", "peer", "name", port, "netns", _bridge.Name);
        place.SetAddress("veth0", address);
        _bridge.Configure("link", "set", port, "master", "br0", "up");
    }
}
