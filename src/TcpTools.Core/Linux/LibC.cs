using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>The system calls that the links and the driver need, with plain descriptors and pointers: nothing is marshalled.</summary>
internal static unsafe partial class LibC
{
    internal const int ReadWrite = 0x2;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int AddressFamilyIPv4 = 2;
    internal const int AddressFamilyIPv6 = 10;
    internal const int AddressFamilyNetlink = 16;
    internal const int SocketRaw = 3;

    internal const short PollIn = 0x1;
    internal const short PollError = 0x8;
    internal const short PollHangUp = 0x10;
    internal const short PollInvalid = 0x20;

    internal const int NewNetworkNamespace = 0x40000000;
    internal const int SetTimerSlack = 29;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int IoControl(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    internal static partial nint WriteVector(int descriptor, IOVector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, nuint count, TimeSpecification* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint InterfaceIndex(string name);
}

/// <summary>One element of a scatter or gather list (struct iovec).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IOVector
{
    internal byte* Base;
    internal nuint Length;
}

/// <summary>One descriptor to wait for (struct pollfd).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int Descriptor;
    internal short Events;
    internal short Returned;
}

/// <summary>A span of time in seconds and nanoseconds (struct timespec of a 64-bit system).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpecification
{
    internal long Seconds;
    internal long Nanoseconds;
}
