using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>Somebody who answers packets. It is asked on one thread at a time.</summary>
public interface IPacketResponder
{
    /// <summary>What it is, in a word or two.</summary>
    string Name { get; }

    /// <summary>
    /// Answers a packet. What it throws is counted and told, and the next packet comes.
    /// </summary>
    /// <param name="packet">What was received.</param>
    /// <param name="replies">Takes what is to be sent.</param>
    /// <returns>Whether the packet is one that this is for, answered or not.</returns>
    bool TryRespond(Packet packet, ICollection<Packet> replies);
}
