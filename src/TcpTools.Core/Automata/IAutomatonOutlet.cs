using System;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <summary>Where an automaton's packets and data go.</summary>
public interface IAutomatonOutlet
{
    /// <summary>Sends a packet.</summary>
    /// <exception cref="StackException">It cannot be sent.</exception>
    void Send(Packet packet);

    /// <summary>Writes data to the stream.</summary>
    /// <exception cref="StackException">There is no stream, or it takes nothing any more.</exception>
    void Write(ReadOnlyMemory<byte> data);
}
