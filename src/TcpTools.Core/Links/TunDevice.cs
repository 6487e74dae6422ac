using System;
using System.Runtime.InteropServices;
using System.Text;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>Makes and configures TUN and TAP devices: /dev/net/tun for the device, rtnetlink for its address, routes and state.</summary>
internal static unsafe class TunDevice
{
    private const string Path = "/dev/net/tun";
    private const string DefaultName = "tcptools%d";
    private const int NameCapacity = 16;

    /// <summary>How many milliseconds an IPv6 address gets to become usable; it takes about one.</summary>
    private const int AddressWaits = 500;

    private const nuint SetInterface = 0x400454CA;
    private const nuint SetOffload = 0x400454D0;
    private const nuint SetHeaderSize = 0x400454D8;
    private const nuint SetOwner = 0x400454CC;
    private const nuint SetHardwareAddress = 0x8924;

    private const short Tun = 0x0001;
    private const short Tap = 0x0002;
    private const short NoPacketInformation = 0x1000;
    private const short VirtioHeaders = 0x4000;

    private const uint OffloadChecksum = 1;
    private const uint OffloadTcpIPv4 = 2;
    private const uint OffloadTcpIPv6 = 4;
    private const uint OffloadTcpCongestion = 8;

    /// <summary>struct ifreq with the one member of its union that is needed here.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct InterfaceRequest
    {
        internal fixed byte Name[NameCapacity];
        internal short Flags;
    }

    /// <summary>struct ifreq with the member that holds a link-layer address (struct sockaddr).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct AddressRequest
    {
        internal fixed byte Name[NameCapacity];
        internal ushort Family;
        internal fixed byte Address[MacAddress.Length];
    }

    /// <summary>Rejects options that no device can have, before anything is made.</summary>
    internal static void Validate(TunOptions options)
    {
        string name = options.Name ?? DefaultName;
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) >= NameCapacity || name is "." or ".."
            || name.AsSpan().IndexOfAny("/: \t\n") >= 0)
        {
            throw Invalid(
                $"'{name}' cannot be a device's name.", "Use 1 to 15 characters without '/', ':' and spaces.");
        }

        if (options.Mtu is < 68 or > 65535)
        {
            throw Invalid($"An MTU of {options.Mtu} bytes is not possible.", "Use 68 (RFC 791) to 65535.");
        }

        if (options.Address is { IsValid: false } address)
        {
            throw Invalid($"'{address}' is not an address with a prefix length.", "Use one such as 10.9.0.1/24.");
        }

        if (options.HardwareAddress is { } hardware && (!options.Ethernet || hardware.IsGroup || hardware == MacAddress.None))
        {
            throw Invalid(
                options.Ethernet ? $"{hardware} is not the Ethernet address of one station." : "A TUN device has no Ethernet address.",
                options.Ethernet ? "The first octet of a station's address is even." : "Make a TAP device, or leave the address out.");
        }

        if (options is { Ethernet: true, Peer: not null })
        {
            throw Invalid(
                "A TAP device has no peer: who is at our end is found by ARP.", "Use addresses of one network at both ends.");
        }

        if (options.Peer is { } peer && (options.Address is not { } local || local.Address.Length != peer.Length))
        {
            throw Invalid(
                $"The peer {peer} needs an address of its own family at the kernel's side.", "Set Address as well.");
        }

        foreach (InterfaceAddress route in options.Routes)
        {
            if (!route.IsValid)
            {
                throw Invalid($"'{route}' is not a network.", "Use one such as 10.10.0.0/16.");
            }
        }
    }

    /// <summary>Makes the device in the calling thread's namespace.</summary>
    internal static TunLink Create(TunOptions options)
    {
        int descriptor = LibC.Open(Path, LibC.ReadWrite | LibC.NonBlocking | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            throw CannotOpen(Marshal.GetLastPInvokeError());
        }

        try
        {
            string name = Attach(descriptor, options);
            Configure(name, options);
            return new TunLink(descriptor, name, options);
        }
        catch
        {
            _ = LibC.Close(descriptor);
            throw;
        }
    }

    private static string Attach(int descriptor, TunOptions options)
    {
        string wanted = options.Name ?? DefaultName;
        InterfaceRequest request = default;
        Encoding.UTF8.GetBytes(wanted, new Span<byte>(request.Name, NameCapacity));
        // The virtio header costs 10 bytes and allows us to offload even where the kernel is told not to.
        request.Flags = (short)((options.Ethernet ? Tap : Tun) | NoPacketInformation | VirtioHeaders);
        if (LibC.IoControl(descriptor, SetInterface, (nint)(&request)) < 0)
        {
            throw CannotAttach(Marshal.GetLastPInvokeError(), wanted);
        }

        int headerSize = VirtioHeader.Length;
        Check(LibC.IoControl(descriptor, SetHeaderSize, (nint)(&headerSize)), "Setting the device's header size");
        if (options.Offload)
        {
            const uint Least = OffloadChecksum | OffloadTcpIPv4;
            // An unknown bit fails as a whole: an older kernel is asked for less.
            if (LibC.IoControl(descriptor, SetOffload, (nint)(Least | OffloadTcpIPv6 | OffloadTcpCongestion)) < 0)
            {
                Check(LibC.IoControl(descriptor, SetOffload, (nint)Least), "Setting the device's offloads");
            }
        }

        if (options.Owner is { } owner)
        {
            Check(LibC.IoControl(descriptor, SetOwner, owner), "Giving the device an owner");
        }

        if (options.HardwareAddress is { } hardware)
        {
            AddressRequest address = new() { Family = InterfaceEntry.EthernetType };
            hardware.TryWriteBytes(new Span<byte>(address.Address, MacAddress.Length));
            Check(LibC.IoControl(descriptor, SetHardwareAddress, (nint)(&address)), "Giving the device its Ethernet address");
        }

        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(request.Name));
    }

    private static void Configure(string name, TunOptions options)
    {
        using RouteNetlink netlink = new();
        int index = (int)LibC.InterfaceIndex(name);
        CheckNetlink(netlink.SetMtu(index, options.Mtu), $"Setting an MTU of {options.Mtu} on {name}");
        // A kernel without IPv6 refuses, and then there is nothing to turn off.
        _ = netlink.DisableAutomaticIPv6(index);
        CheckNetlink(netlink.BringUp(index), $"Bringing {name} up");
        if (options.Address is { } address)
        {
            AddAddress(netlink, index, address, options.Peer);
        }

        foreach (InterfaceAddress route in options.Routes)
        {
            AddRoute(netlink, index, route);
        }

        foreach (NetworkAddress host in options.Hosts)
        {
            RejectElsewhere(netlink, index, host);
        }
    }

    private static void RejectElsewhere(RouteNetlink netlink, int index, NetworkAddress host)
    {
        Span<byte> memory = stackalloc byte[16];
        Span<byte> bytes = Bytes(host, memory);
        RejectAssigned(netlink, host, bytes);
        if (netlink.FindOutput(bytes) is { } output && output != index)
        {
            throw new StackException(
                StackError.LinkInUse,
                $"This host reaches {host} over another device.",
                "Choose an address of a network that the host does not use.");
        }
    }

    private static void AddAddress(RouteNetlink netlink, int index, InterfaceAddress address, NetworkAddress? peer)
    {
        Span<byte> localMemory = stackalloc byte[16];
        Span<byte> peerMemory = stackalloc byte[16];
        Span<byte> local = Bytes(address.Address, localMemory);
        RejectAssigned(netlink, address.Address, local);
        Span<byte> other = peerMemory[..0];
        if (peer is { } otherEnd)
        {
            other = Bytes(otherEnd, peerMemory);
            RejectAssigned(netlink, otherEnd, other);
        }

        int prefix = other.IsEmpty ? address.PrefixLength : other.Length * 8;
        CheckNetlink(netlink.AddAddress(index, local, other, prefix), $"Giving the device the address {address}");
        // The kernel finishes an IPv6 address in the background, and loses what comes for it before.
        for (int i = 0; i < AddressWaits && address.Address.IsIPv6 && !netlink.IsDeliveredHere(local); i++)
        {
            TimeSpecification time = new() { Nanoseconds = 1_000_000 };
            _ = LibC.Poll(null, 0, &time, null);
        }
    }

    private static void AddRoute(RouteNetlink netlink, int index, InterfaceAddress route)
    {
        Span<byte> memory = stackalloc byte[16];
        Span<byte> destination = Bytes(route.Address, memory);
        ClearHostBits(destination, route.PrefixLength);
        int error = netlink.AddRoute(index, destination, route.PrefixLength);
        if (error == SystemError.Exists)
        {
            throw new StackException(
                StackError.LinkInUse, $"There is a route to {route} already.", "Remove it, or choose another network.");
        }

        CheckNetlink(error, $"Routing {route} to the device");
    }

    private static Span<byte> Bytes(NetworkAddress address, Span<byte> memory)
    {
        address.TryWriteBytes(memory);
        return memory[..address.Length];
    }

    private static void ClearHostBits(Span<byte> address, int prefixLength)
    {
        for (int i = 0; i < address.Length; i++)
        {
            int kept = Math.Clamp(prefixLength - (i * 8), 0, 8);
            address[i] &= (byte)(0xFF00 >> kept);
        }
    }

    // The kernel itself allows an address on several links and then answers for ours.
    private static void RejectAssigned(RouteNetlink netlink, NetworkAddress address, ReadOnlySpan<byte> bytes)
    {
        if (netlink.IsAssigned(bytes))
        {
            throw new StackException(
                StackError.LinkInUse,
                $"The address {address} belongs to another device of this host.",
                "Choose an address of a network that the host does not use.");
        }
    }

    private static void Check(int result, string action)
    {
        if (result < 0)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), action);
        }
    }

    private static void CheckNetlink(int error, string action)
    {
        if (error != 0)
        {
            throw SystemError.ToException(error, action);
        }
    }

    private static StackException CannotOpen(int error) => error
        is SystemError.NoEntry or SystemError.NoDevice or SystemError.NoSuchDeviceOrAddress
        ? new StackException(
            StackError.TunUnavailable,
            $"The kernel offers no TUN devices: there is no {Path}.",
            "Load the module with 'modprobe tun'; in a container, pass the device with '--device /dev/net/tun'.")
        : SystemError.ToException(error, $"Opening {Path}");

    private static StackException CannotAttach(int error, string name) => error switch
    {
        SystemError.Busy => new StackException(
            StackError.LinkInUse,
            $"The device {name} is in use already.",
            "Choose another name, or leave it out to get one that is free."),
        SystemError.InvalidArgument => new StackException(
            StackError.LinkInUse,
            $"There is a device {name} already that is not a TUN or TAP device of this kind.",
            "Choose another name, or leave it out to get one that is free."),
        _ => SystemError.ToException(error, $"Making the TUN device {name}"),
    };

    private static StackException Invalid(string message, string advice) =>
        new(StackError.InvalidArgument, message, advice);
}
