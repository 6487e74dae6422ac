using System;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Chooses the local port of a connection, or of a listener, that names none (RFC 6056).</summary>
/// <remarks>
/// It is called under the lock of the stack, from any thread, one at a time, and must not call the stack. What it throws is
/// counted (<see cref="TcpStack.PartErrors"/>), and the choice of RFC 6056 takes its place.
/// </remarks>
public interface IPortSelector
{
    /// <summary>The algorithm's name, in lower case.</summary>
    string Name { get; }

    /// <summary>Whether it may take long, as a script does: then it is asked outside the lock for connections.</summary>
    bool MayBlock => false;

    /// <summary>Chooses a port.</summary>
    /// <param name="local">This side's address; of no family for a listener on all addresses.</param>
    /// <param name="remote">The peer's address; of no family for a listener.</param>
    /// <param name="remotePort">The peer's port; 0 for a listener.</param>
    /// <param name="isFree">Whether a port may be used for this pair of addresses.</param>
    /// <param name="port">The port.</param>
    /// <returns>Whether there was a free one.</returns>
    bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port);
}
