using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Replay;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <content>Stacks on Ethernet: on an interface of the kernel's beside the kernel, and on a TAP device.</content>
public sealed partial class StartTcpStackCommand
{
    private static readonly TimeSpan s_claimLimit = TimeSpan.FromSeconds(10);

    /// <summary>The Ethernet interface on which the stack lives beside the kernel, by addresses of its own.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Interface")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public string? Interface { get; set; }

    /// <summary>Over a new TAP device, whose frames are Ethernet's.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Tap")]
    public SwitchParameter Tap { get; set; }

    /// <summary>The stack's own Ethernet address.</summary>
    [Parameter(ParameterSetName = "Interface")]
    [Parameter(ParameterSetName = "Tap")]
    [Parameter(ParameterSetName = "Link")]
    [MacAddressTransform]
    public MacAddress MacAddress { get; set; }

    /// <summary>The addresses are used at once: nobody is asked whether they have them, and nobody told.</summary>
    [Parameter(ParameterSetName = "Interface")]
    [Parameter(ParameterSetName = "Tap")]
    [Parameter(ParameterSetName = "Link")]
    public SwitchParameter NoClaim { get; set; }

    /// <summary>Routes beside that to the gateway: network and router by pairs.</summary>
    [Parameter]
    public Hashtable? Route { get; set; }

    private TcpStack StartOnInterface()
    {
        if (Virtual || Clock is not null)
        {
            throw new StackException(
                StackError.InvalidArgument, "On an interface time is real.", "Leave -Virtual and -Clock out, or use a wire: New-PacketWire -Ethernet.");
        }

        InterfaceNetwork network = InterfaceNetwork.Read(Interface!, NetworkNamespace);
        InterfaceAddress[] own = [.. Address!.Select(address => Complete(address, network))];
        RandomSource random = MyInvocation.BoundParameters.ContainsKey(nameof(Seed)) ? RandomSource.FromSeed(Seed) : RandomSource.System;
        if (MacAddress == MacAddress.None)
        {
            MacAddress = EthernetProtocol.CreateAddress(random);
        }
        else if (MacAddress == network.HardwareAddress && network.IsForwarding())
        {
            WriteWarning(
                $"The kernel forwards packets that arrive on {network.Name}, and what comes for the stack comes under the interface's own "
                + "Ethernet address: the kernel may send it on. Leave -MacAddress out to prevent that.");
        }

        PacketSocketLink link = PacketSocketLink.OpenStation(network, MacAddress);
        try
        {
            bool isNear = network.Gateway is { } gateway && own[0].Contains(gateway) && !own.Any(a => a.Address == gateway);
            return StartOn(link, own, true, isNear ? network.Gateway : null);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>In the place of a host in a record, whose others are all reached over the link.</summary>
    private TcpStack StartOnReplay(PacketReplay replay)
    {
        InterfaceAddress[] own = Address ?? [new InterfaceAddress(replay.Address, 24)];
        return StartOn(Link!, own, false, replay.Peers.Where(peer => !own[0].Contains(peer)).Cast<NetworkAddress?>().FirstOrDefault());
    }

    /// <summary>An address beside the kernel's: never one of its own, and with the network that the kernel knows there.</summary>
    private static InterfaceAddress Complete(InterfaceAddress address, InterfaceNetwork network)
    {
        const int UsualPrefix = 24;
        if (network.FindOwner(address.Address) is { } owner)
        {
            throw new StackException(
                StackError.LinkInUse,
                $"{address.Address} is the kernel's own address on {owner}: its TCP would answer with resets what comes for the stack.",
                $"Choose an address of the network {string.Join(", ", network.Addresses)} that nobody has; or start the stack on a TUN device.");
        }

        // Without a prefix the usual one stands here: the kernel's own knowledge of the network is better.
        return address.PrefixLength == UsualPrefix && network.FindPrefix(address.Address) is { } prefix
            ? address with { PrefixLength = prefix }
            : address;
    }

    private MacAddress? ChooseMacAddress(ILink link)
    {
        if (MacAddress == MacAddress.None)
        {
            return null;
        }

        return link.Capabilities.Medium == LinkMedium.Ethernet ? MacAddress : throw new StackException(
            StackError.InvalidArgument,
            $"Frames of {link.Name} start with an IP header, so that a stack there has no Ethernet address.",
            "Leave -MacAddress out, or use a link of Ethernet frames: New-PacketWire -Ethernet.");
    }

    /// <summary>Only where strangers are on the link is anybody asked.</summary>
    private NeighborSettings ChooseClaim() => NoClaim ? NeighborSettings.Default with { ClaimMode = AddressClaimMode.None }
        : Interface is not null ? NeighborSettings.Quick
        : NeighborSettings.Default;

    /// <summary>Routes, and the wait until it is clear that nobody else has the addresses.</summary>
    private void AwaitClaims(TcpStack stack)
    {
        try
        {
            foreach (DictionaryEntry route in Route ?? [])
            {
                AddRoute(stack, route);
            }

            if (stack.Mode != StackMode.Threaded)
            {
                return;
            }

            stack.WaitForClaims(s_claimLimit, StopToken);
            if (stack.Conflicts.FirstOrDefault(c => c.Outcome != AddressConflictOutcome.Defended) is { } conflict)
            {
                throw new StackException(
                    StackError.LinkInUse,
                    $"{conflict.Address} is in use on {stack.Link.Name}: {conflict.HardwareAddress} has it.",
                    "Choose an address that nobody has, or take it all the same with -NoClaim.");
            }
        }
        catch
        {
            stack.Stop();
            throw;
        }
    }

    private static void AddRoute(TcpStack stack, DictionaryEntry route)
    {
        NetworkAddress gateway = default;
        bool isOnLink = route.Value is null or "";
        if (!Addresses.TryReadWithPrefix(route.Key, 32, out InterfaceAddress network)
            || (!isOnLink && !Addresses.TryRead(route.Value, out gateway)))
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"'{route.Key} = {route.Value}' is not a route.",
                "A route is a network and a router: -Route @{ '192.0.2.0/24' = '10.8.0.1' }; an empty router means that the network is on the link.");
        }

        stack.AddRoute(network, isOnLink ? null : gateway);
    }
}
