using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>
/// Sends IP packets on Ethernet interfaces to next hops whose hardware address it gets from the kernel. Where the kernel
/// does not know it, it is asked to look, and the packet waits meanwhile without holding the sender up: a sweep over a
/// network must not stop at each address that nobody has.
/// </summary>
internal sealed class NeighbourSender(NetlinkSocket netlink)
{
    private const int PendingLimit = 4096;
    private const int CacheLimit = 4096;

    // As long as the kernel itself keeps looking: three tries, a second apart.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3.2);
    private static readonly TimeSpan s_knownFor = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(int, NetworkAddress), (MacAddress Address, Instant Until)> _known = [];
    private readonly Dictionary<(int, NetworkAddress), Hop> _pending = [];
    private int _pendingPackets;

    /// <summary>Whether packets wait for an address.</summary>
    internal bool HasPending => _pending.Count > 0;

    /// <summary>The last next hop that was looked for in vain since somebody asked, and its packets; null when there is none.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Sends a packet behind an Ethernet header, now or when the next hop is known.</summary>
    internal void Send(EthernetPort port, NetworkAddress nextHop, ReadOnlySpan<byte> packet, ushort etherType)
    {
        if (TryResolve(port, nextHop, out MacAddress address))
        {
            port.Send(address, packet, etherType);
            return;
        }

        if (_pendingPackets >= PendingLimit)
        {
            throw new StackException(StackError.ResourceExhausted, $"{PendingLimit} packets wait already for the addresses of their next hops.");
        }

        if (!_pending.TryGetValue((port.Index, nextHop), out Hop? hop))
        {
            hop = new Hop(port, WallClock.Now + s_patience);
            _pending.Add((port.Index, nextHop), hop);
        }

        hop.Packets.Add((packet.ToArray(), etherType));
        _pendingPackets++;
    }

    /// <summary>Sends what waits for addresses that are known by now, and gives up what has waited long enough.</summary>
    internal void Service()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        Instant now = WallClock.Now;
        List<(int, NetworkAddress)> done = [];
        Span<byte> bytes = stackalloc byte[16];
        foreach (((int Index, NetworkAddress Address) key, Hop hop) in _pending)
        {
            byte[] found = HostRouting.FindNeighbour(netlink, key.Index, Bytes(key.Address, bytes), out bool hasFailed);
            if (found.Length == MacAddress.Length)
            {
                MacAddress address = MacAddress.FromBytes(found);
                Remember(key, address, now);
                foreach ((byte[] packet, ushort etherType) in hop.Packets)
                {
                    hop.Port.Send(address, packet, etherType);
                }

                done.Add(key);
            }
            else if (hasFailed || now >= hop.Until)
            {
                Failure = $"{key.Address} on {hop.Port.Name} does not tell its Ethernet address";
                done.Add(key);
            }
        }

        foreach ((int, NetworkAddress) key in done)
        {
            _pendingPackets -= _pending[key].Packets.Count;
            _pending.Remove(key);
        }
    }

    /// <summary>Waits until nothing is pending any more, or a time has come.</summary>
    /// <exception cref="StackException">A next hop did not answer.</exception>
    internal void Flush(Instant until, CancellationToken cancellationToken)
    {
        for (int round = 0; HasPending && WallClock.Now < until; round++)
        {
            Service();
            if (HasPending)
            {
                cancellationToken.WaitHandle.WaitOne(Math.Min(1 + (round / 4), 20));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        if (Failure is { } failure)
        {
            Failure = null;
            throw new StackException(
                StackError.Unreachable, $"{failure}; what was to go there was not sent.", "Nobody has the address, or it is behind a router.");
        }
    }

    internal static ReadOnlySpan<byte> Bytes(NetworkAddress address, Span<byte> memory)
    {
        address.TryWriteBytes(memory);
        return memory[..address.Length];
    }

    private bool TryResolve(EthernetPort port, NetworkAddress nextHop, out MacAddress address)
    {
        if (TryCompute(port, nextHop, out address))
        {
            return true;
        }

        (int, NetworkAddress) key = (port.Index, nextHop);
        Instant now = WallClock.Now;
        if (_known.TryGetValue(key, out (MacAddress Address, Instant Until) known) && now < known.Until)
        {
            address = known.Address;
            return true;
        }

        if (_pending.ContainsKey(key))
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = Bytes(nextHop, stackalloc byte[16]);
        byte[] found = HostRouting.FindNeighbour(netlink, port.Index, bytes, out _);
        if (found.Length == MacAddress.Length)
        {
            address = MacAddress.FromBytes(found);
            Remember(key, address, now);
            return true;
        }

        int error = HostRouting.Solicit(netlink, port.Index, bytes);
        return error == 0
            ? false
            : throw SystemError.ToException(error, $"Asking for the Ethernet address of {nextHop} on {port.Name}");
    }

    /// <summary>Groups have addresses that need nobody's answer (RFC 1112, 6.4; RFC 2464, 7), and on the loopback device all is zero.</summary>
    private static bool TryCompute(EthernetPort port, NetworkAddress nextHop, out MacAddress address)
    {
        address = default;
        if (port.IsLoopback)
        {
            return true;
        }

        if (nextHop.IsLimitedBroadcast)
        {
            address = MacAddress.Broadcast;
        }
        else if (nextHop.IsMulticast)
        {
            Span<byte> bytes = stackalloc byte[16];
            nextHop.TryWriteBytes(bytes);
            ReadOnlySpan<byte> tail = bytes[(nextHop.Length - 4)..nextHop.Length];
            address = nextHop.IsIPv4
                ? MacAddress.FromBytes([1, 0, 0x5e, (byte)(tail[1] & 0x7f), tail[2], tail[3]])
                : MacAddress.FromBytes([0x33, 0x33, .. tail]);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void Remember((int, NetworkAddress) key, MacAddress address, Instant now)
    {
        if (_known.Count >= CacheLimit)
        {
            _known.Clear();
        }

        _known[key] = (address, now + s_knownFor);
    }

    private sealed class Hop(EthernetPort port, Instant until)
    {
        internal EthernetPort Port { get; } = port;

        internal Instant Until { get; } = until;

        internal List<(byte[] Packet, ushort EtherType)> Packets { get; } = [];
    }
}
