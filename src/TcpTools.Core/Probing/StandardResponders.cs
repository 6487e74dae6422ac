using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>For which addresses a responder answers.</summary>
/// <param name="networks">Addresses and networks; null for any.</param>
public sealed class ResponderAddresses(IReadOnlyList<InterfaceAddress>? networks = null)
{
    /// <summary>Whether it answers for an address. Nobody answers for one of a group.</summary>
    public bool Has(NetworkAddress address) => !address.IsMulticast && !address.IsLimitedBroadcast && !address.IsAny
        && (networks is null || networks.Any(network => network.Contains(address)));
}

/// <summary>Answers ARP requests (RFC 826) and neighbour solicitations (RFC 4861) for addresses with an Ethernet address.</summary>
/// <param name="addresses">For which addresses.</param>
/// <param name="hardware">The Ethernet address.</param>
public sealed class ArpResponder(ResponderAddresses addresses, MacAddress hardware) : IPacketResponder
{
    /// <inheritdoc/>
    public string Name => "ARP";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(replies);
        // Of a host that announces its own address nobody should say that he has it.
        bool isFor = packet.Arp is { Operation: ArpOperation.Request } arp
            ? addresses.Has(arp.TargetProtocol) && arp.SenderProtocol != arp.TargetProtocol
            : packet.Icmpv6 is { Type: Icmpv6Type.NeighborSolicitation } solicitation && addresses.Has(solicitation.Target);
        if (!isFor || PacketReply.For(packet, hardware) is not { } reply)
        {
            return false;
        }

        replies.Add(reply);
        return true;
    }
}

/// <summary>Answers echo requests of both versions of ICMP (RFC 792, RFC 4443).</summary>
/// <param name="addresses">For which addresses.</param>
/// <param name="hardware">The Ethernet address that answers come from; null for that which the request went to.</param>
public sealed class EchoResponder(ResponderAddresses addresses, MacAddress? hardware = null) : IPacketResponder
{
    /// <inheritdoc/>
    public string Name => "ICMP echo";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(replies);
        bool isRequest = packet.Icmp is { Type: IcmpType.EchoRequest } || packet.Icmpv6 is { Type: Icmpv6Type.EchoRequest };
        if (!isRequest || packet.IP is not { } ip || !addresses.Has(ip.Destination)
            || PacketReply.IsToMany(packet, ip) || PacketReply.For(packet, hardware) is not { } reply)
        {
            return false;
        }

        replies.Add(reply);
        return true;
    }
}

/// <summary>Answers TCP segments with resets, as a host does where nobody listens; never a reset.</summary>
/// <param name="addresses">For which addresses.</param>
/// <param name="hardware">The Ethernet address that answers come from; null for that which the segment went to.</param>
public sealed class ResetResponder(ResponderAddresses addresses, MacAddress? hardware = null) : IPacketResponder
{
    /// <inheritdoc/>
    public string Name => "TCP reset";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(replies);
        if (packet.IP is not { } ip || !addresses.Has(ip.Destination) || PacketReply.ResetFor(packet, hardware) is not { } reset)
        {
            return false;
        }

        replies.Add(reset);
        return true;
    }
}

/// <summary>Answers what nobody takes with ICMP port unreachable.</summary>
/// <param name="addresses">For which addresses.</param>
/// <param name="hardware">The Ethernet address that answers come from; null for that which the packet went to.</param>
public sealed class UnreachableResponder(ResponderAddresses addresses, MacAddress? hardware = null) : IPacketResponder
{
    /// <inheritdoc/>
    public string Name => "ICMP port unreachable";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(replies);
        if (packet.Udp is null || packet.IP is not { } ip || !addresses.Has(ip.Destination)
            || PacketReply.ErrorFor(packet, address: hardware) is not { } error)
        {
            return false;
        }

        replies.Add(error);
        return true;
    }
}

/// <summary>
/// Answers DNS questions over UDP from a table. For a name that is not in the table it says that there is none; for one
/// that has no address of the kind asked for, nothing but that.
/// </summary>
/// <param name="names">Addresses by name, in any case of letters; <c>*</c> stands for every other name.</param>
/// <param name="addresses">For which addresses.</param>
/// <param name="hardware">The Ethernet address that answers come from; null for that which the question went to.</param>
public sealed class DnsResponder(
    IReadOnlyDictionary<string, IReadOnlyList<NetworkAddress>> names, ResponderAddresses addresses, MacAddress? hardware = null) : IPacketResponder
{
    private const uint TimeToLive = 60;

    private readonly Dictionary<string, IReadOnlyList<NetworkAddress>> _names =
        names.ToDictionary(static pair => pair.Key.TrimEnd('.'), static pair => pair.Value, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "DNS";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(replies);
        if (packet.Udp is null || packet.Dns is not { IsResponse: false, Questions.Count: > 0 } query
            || packet.IP is not { } ip || !addresses.Has(ip.Destination) || PacketReply.For(packet, hardware) is not { } head)
        {
            return false;
        }

        DnsQuestion question = query.Questions[0];
        DnsLayer response = new()
        {
            Id = query.Id,
            IsResponse = true,
            Opcode = query.Opcode,
            IsAuthoritative = true,
            RecursionDesired = query.RecursionDesired,
            Questions = [question],
        };
        if (_names.TryGetValue(question.Name.ToString().TrimEnd('.'), out IReadOnlyList<NetworkAddress>? found) || _names.TryGetValue("*", out found))
        {
            foreach (NetworkAddress address in found)
            {
                DnsAddressData data = new(address);
                if (data.Type == question.Type)
                {
                    response.Answers.Add(new DnsRecord(question.Name, data, TimeToLive));
                }
            }
        }
        else
        {
            response.ResponseCode = DnsResponseCode.NameError;
        }

        replies.Add(head / response);
        return true;
    }
}
