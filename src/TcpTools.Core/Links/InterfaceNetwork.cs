using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>What the kernel knows of the network behind one of its Ethernet interfaces: what a station of our own there needs to know.</summary>
public sealed class InterfaceNetwork
{
    private readonly string? _namespace;
    private readonly Dictionary<NetworkAddress, string> _assigned;

    private InterfaceNetwork(
        InterfaceEntry entry, string? space, InterfaceAddress[] addresses, Dictionary<NetworkAddress, string> assigned, NetworkAddress? gateway)
    {
        Entry = entry;
        _namespace = space;
        _assigned = assigned;
        Addresses = addresses;
        Gateway = gateway;
        HardwareAddress = MacAddress.FromBytes(entry.HardwareAddress);
    }

    /// <summary>The interface's name.</summary>
    public string Name => Entry.Name;

    /// <summary>The interface's own Ethernet address.</summary>
    public MacAddress HardwareAddress { get; }

    /// <summary>The kernel's own IPv4 addresses on the interface.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; }

    /// <summary>The router to which the kernel sends what it has no better way for, over this interface; null when there is none.</summary>
    public NetworkAddress? Gateway { get; }

    internal InterfaceEntry Entry { get; }

    /// <summary>Asks the kernel.</summary>
    /// <param name="name">The interface's name.</param>
    /// <param name="networkNamespace">The network namespace it is in, by name or path; null for the process's own.</param>
    /// <exception cref="StackException">There is no such interface, or the kernel does not tell.</exception>
    public static InterfaceNetwork Read(string name, string? networkNamespace = null) =>
        Inside(networkNamespace, () => ReadHere(name, networkNamespace));

    /// <summary>The interface on which the kernel has an address as its own; null when it has it on none.</summary>
    public string? FindOwner(NetworkAddress address) => _assigned.GetValueOrDefault(address);

    /// <summary>The length of the prefix of the kernel's network here that an address lies in; null when it lies in none.</summary>
    public int? FindPrefix(NetworkAddress address)
    {
        int[] found = [.. Addresses.Where(own => own.PrefixLength < 32 && own.Contains(address)).Select(own => own.PrefixLength)];
        return found.Length > 0 ? found.Max() : null;
    }

    /// <summary>
    /// Whether the kernel passes on what arrives here for others: it would then do so, too, with what comes for a station of ours under
    /// the interface's own Ethernet address.
    /// </summary>
    public bool IsForwarding() => Inside(() =>
    {
        try
        {
            return File.ReadAllText($"/proc/sys/net/ipv4/conf/{Name}/forwarding").Trim() == "1";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    /// <summary>Makes sure that a station of ours can be on the interface.</summary>
    internal void ThrowIfUnfit()
    {
        if (Entry.HardwareType != InterfaceEntry.EthernetType)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The interface {Name} has no Ethernet frames, so that nobody there could find a stack by ARP.",
                "Name an Ethernet interface, or start the stack on a TUN device, which needs none.");
        }

        if ((Entry.Flags & InterfaceEntry.Up) == 0)
        {
            throw new StackException(StackError.LinkDown, $"The interface {Name} is down.", $"Bring it up: ip link set {Name} up");
        }
    }

    internal T Inside<T>(Func<T> action) => Inside(_namespace, action);

    private static T Inside<T>(string? space, Func<T> action) =>
        space is { Length: > 0 } ? NetworkNamespace.Run(space, action) : action();

    private static InterfaceNetwork ReadHere(string name, string? space)
    {
        using NetlinkSocket netlink = new();
        List<InterfaceEntry> entries = InterfaceList.Read(netlink);
        InterfaceEntry entry = entries.Find(e => e.Name == name) ?? throw new StackException(
            StackError.NoInterface, $"There is no network interface '{name}'.", "Name one that 'ip link' lists.");
        List<InterfaceAddress> own = [];
        Dictionary<NetworkAddress, string> assigned = [];
        foreach ((int index, byte[] bytes, int prefix) in InterfaceList.ReadAddresses(netlink))
        {
            NetworkAddress address = NetworkAddress.FromBytes(bytes);
            assigned[address] = entries.Find(e => e.Index == index)?.Name ?? "another";
            if (index == entry.Index && address.IsIPv4)
            {
                own.Add(new InterfaceAddress(address, prefix));
            }
        }

        // An address for documentation (RFC 5737), to which nobody has a better way than to everything.
        HostRoute? route = HostRouting.FindRoute(netlink, [198, 51, 100, 1], entry.Index, out _);
        NetworkAddress? gateway = route is { Gateway.Length: 4 } found ? NetworkAddress.FromBytes(found.Gateway) : null;
        return new InterfaceNetwork(entry, space, [.. own], assigned, gateway);
    }
}
