using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <content>What the kernel's own TCP needs (tcp(7), socket(7), epoll(7)).</content>
internal static unsafe partial class LibC
{
    internal const int SocketStream = 1;
    internal const int ProtocolTcp = 6;

    internal const int ReuseAddress = 2;
    internal const int PendingError = 4;
    internal const int SocketKeepAlive = 9;
    internal const int InlineUrgent = 10;
    internal const int SocketLinger = 13;

    internal const int TcpNoDelay = 1;
    internal const int TcpKeepAliveTime = 4;
    internal const int TcpKeepAliveInterval = 5;
    internal const int TcpKeepAliveProbes = 6;
    internal const int TcpInformation = 11;
    internal const int TcpCongestion = 13;
    internal const int TcpUserTimeout = 18;

    internal const int Urgent = 0x1;
    internal const int PeekOnly = 0x2;
    internal const int NoSignal = 0x4000;

    internal const int ShutdownWrite = 1;

    internal const nuint ReadableBytes = 0x541B;
    internal const nuint UnacknowledgedBytes = 0x5411;

    internal const short PollUrgent = 0x2;
    internal const short PollOut = 0x4;
    internal const uint PollPeerFinished = 0x2000;
    internal const uint PollEdges = 1u << 31;

    internal const int PollAdd = 1;
    internal const int PollRemove = 2;

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(int descriptor, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    internal static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    internal static partial int Accept(int descriptor, void* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int SocketName(int descriptor, void* address, uint* length);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    internal static partial int PeerName(int descriptor, void* address, uint* length);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EventPoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int ControlEventPoll(int poll, int operation, int descriptor, void* wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int WaitEventPoll(int poll, void* events, int count, int milliseconds);
}
