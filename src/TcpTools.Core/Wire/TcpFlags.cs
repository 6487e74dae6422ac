using System;
using System.ComponentModel;

namespace TcpTools.Wire;

/// <summary>The control bits of a TCP header, with their places in its 13th and 14th byte (RFC 9293, 3.1; RFC 9768).</summary>
[Flags]
[TypeConverter(typeof(TcpFlagsConverter))]
public enum TcpFlags : ushort
{
    /// <summary>No control bit.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 0x001,

    /// <summary>Synchronize sequence numbers.</summary>
    Syn = 0x002,

    /// <summary>Reset the connection.</summary>
    Rst = 0x004,

    /// <summary>Push function.</summary>
    Psh = 0x008,

    /// <summary>The acknowledgment field is significant.</summary>
    Ack = 0x010,

    /// <summary>The urgent pointer field is significant.</summary>
    Urg = 0x020,

    /// <summary>ECN echo (RFC 3168).</summary>
    Ece = 0x040,

    /// <summary>Congestion window reduced (RFC 3168).</summary>
    Cwr = 0x080,

    /// <summary>Accurate ECN (RFC 9768), formerly nonce sum (RFC 3540).</summary>
    Ae = 0x100,
}
