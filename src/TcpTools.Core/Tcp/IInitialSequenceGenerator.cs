using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// Chooses the initial sequence number of each connection, opened by either side (RFC 9293, 3.4.1). Any number will do for the protocol; a
/// number that others can guess lets them forge segments (RFC 6528, 2), and one that does not move on lets old segments
/// of the same sockets pass for new ones.
/// </summary>
/// <remarks>
/// It is called once for each connection, under the lock of the stack, from any thread, one at a time. It must not call the stack. What it throws
/// is counted (<see cref="TcpServices.Errors"/>), and the generator of RFC 6528 chooses in its place.
/// </remarks>
public interface IInitialSequenceGenerator
{
    /// <summary>The algorithm's name, in lower case.</summary>
    string Name { get; }

    /// <summary>
    /// Whether it may take long, as a script does: then it is asked outside the lock where that is possible, which is for connections that this side opens.
    /// </summary>
    bool MayBlock => false;

    /// <summary>The initial sequence number for a connection that begins now.</summary>
    /// <param name="flow">The connection's pair of sockets.</param>
    /// <param name="now">The time on the stack's clock.</param>
    SequenceNumber Next(in FlowKey flow, Instant now);
}
