using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <content>What packet sockets need (packet(7)).</content>
internal static unsafe partial class LibC
{
    internal const int AddressFamilyPacket = 17;
    internal const int SocketDatagram = 2;

    internal const int SocketLevel = 1;
    internal const int SendBuffer = 7;
    internal const int ReceiveBuffer = 8;
    internal const int AttachFilter = 26;
    internal const int DetachFilter = 27;
    internal const int ReceiveBufferForce = 33;
    internal const int TimestampNanoseconds = 35;

    internal const int PacketLevel = 263;

    internal const int DoNotWait = 0x40;
    internal const int Truncated = 0x20;

    internal const int MapShared = 1;
    internal const int MapPopulate = 0x8000;
    internal const int ProtectReadWrite = 3;

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(int descriptor, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    internal static partial int ReceiveMessages(int descriptor, MessageEntry* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    internal static partial int SendMessages(int descriptor, MessageEntry* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint SendTo(int descriptor, byte* buffer, nuint length, int flags, void* address, uint addressLength);

    /// <summary>Sets an option that is a number; false when the system refuses.</summary>
    internal static bool TrySetOption(int descriptor, int level, int option, int value) =>
        SetOption(descriptor, level, option, &value, sizeof(int)) == 0;
}

/// <summary>struct msghdr of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal void* Name;
    internal uint NameLength;
    internal IOVector* Vectors;
    internal nuint VectorCount;
    internal byte* Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageEntry
{
    internal MessageHeader Header;
    internal uint Length;
}

/// <summary>Where a packet socket sends to and where it received from (struct sockaddr_ll).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PacketAddress
{
    internal const int Size = 20;

    internal ushort Family;

    /// <summary>The EtherType, in network byte order.</summary>
    internal ushort Protocol;
    internal int InterfaceIndex;
    internal ushort HardwareType;
    internal byte PacketType;
    internal byte AddressLength;
    internal ulong Address;
}
