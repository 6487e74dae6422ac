using System;

namespace TcpTools.Tcp;

/// <summary>One connection's control block (RFC 9293, 3.3.1).</summary>
public sealed class TcpConnection
{
    /// <summary>Does what is due at <paramref name="now"/>.</summary>
    public void OnTimer(Instant now) => throw new NotImplementedException(now.ToString());
}
