using System;
using System.Collections.Generic;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Hooks;

/// <summary>What a prepared hook damages in a packet, so that its receiver must find out.</summary>
public enum HookDamage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The checksum of TCP, UDP or ICMP is wrong.</summary>
    Checksum,

    /// <summary>The checksum of the IPv4 header is wrong.</summary>
    IPChecksum,

    /// <summary>A bit of the data is wrong, and the checksum as it was.</summary>
    Data,
}

/// <summary>A hook that does what is asked for most without code of anybody's: sets fields, damages, drops, delays, duplicates.</summary>
public sealed class PreparedHook : IPacketHook
{
    /// <summary>What it sets in each packet.</summary>
    public IReadOnlyList<Action<Packet>> Changes { get; init; } = [];

    /// <summary>What it damages.</summary>
    public HookDamage Damage { get; init; }

    /// <summary>What becomes of each packet.</summary>
    public HookVerdict Verdict { get; init; }

    /// <inheritdoc/>
    public HookVerdict OnPacket(ref HookCall call)
    {
        if (Changes.Count > 0 && call.HasPacket)
        {
            PacketHookContext context = new(ref call);
            foreach (Action<Packet> change in Changes)
            {
                change(context.Packet!);
            }

            if (context.TakeChanged() is { } bytes)
            {
                call.Replace(bytes);
                call.KeepChecksums = true;
            }
        }

        Spoil(ref call);
        return Verdict;
    }

    private void Spoil(ref HookCall call)
    {
        switch (Damage)
        {
            case HookDamage.Checksum when call.Protocol == IPProtocol.Tcp && call.IsTcp:
                TcpEditor tcp = call.EditTcp();
                tcp.Checksum ^= 1;
                break;
            case HookDamage.Checksum when call.Protocol is IPProtocol.Udp or IPProtocol.Icmp && call.IP.Payload.Length >= 8:
                int start = call.NetworkOffset + call.IP.HeaderLength;
                call.Edit()[start + (call.Protocol == IPProtocol.Udp ? 7 : 3)] ^= 1;
                break;
            case HookDamage.IPChecksum when call.IP.HasValidHeader:
                IPv4Editor ip = call.EditIP();
                ip.HeaderChecksum ^= 1;
                break;
            case HookDamage.Data when !call.Payload.IsEmpty && call.HasPacket:
                call.EditPayload()[0] ^= 1;
                break;
            default:
                return;
        }

        call.KeepChecksums = true;
    }
}
