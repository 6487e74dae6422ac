using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>
/// Sends IP packets, header included, through the kernel's own output (raw(7)): the only way to the host itself, since what a
/// packet socket puts on the loopback device with the host's own source address the kernel refuses as a martian. The kernel
/// completes the IPv4 checksum and total length, and takes no header that lies about its own length.
/// </summary>
internal sealed unsafe class RawIPSocket : IDisposable
{
    private const int RawProtocol = 255;
    private const int IPv6Level = 41;
    private const int IPv6HeaderIncluded = 36;

    private int _version4 = -1;
    private int _version6 = -1;

    /// <summary>Sends a packet; 0 or the kernel's error number.</summary>
    internal int Send(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> destination)
    {
        bool isIPv6 = destination.Length == 16;
        int descriptor = isIPv6 ? Open(ref _version6, LibC.AddressFamilyIPv6) : Open(ref _version4, LibC.AddressFamilyIPv4);
        // struct sockaddr_in and sockaddr_in6.
        Span<byte> address = stackalloc byte[28];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)(isIPv6 ? LibC.AddressFamilyIPv6 : LibC.AddressFamilyIPv4));
        destination.CopyTo(address[(isIPv6 ? 8 : 4)..]);
        fixed (byte* bytes = packet, to = address)
        {
            return LibC.SendTo(descriptor, bytes, (nuint)packet.Length, 0, to, isIPv6 ? 28u : 16u) < 0
                ? Marshal.GetLastPInvokeError()
                : 0;
        }
    }

    public void Dispose()
    {
        Close(ref _version4);
        Close(ref _version6);
    }

    private static int Open(ref int descriptor, int family)
    {
        if (descriptor < 0)
        {
            descriptor = LibC.Socket(family, LibC.SocketRaw | LibC.CloseOnExec, RawProtocol);
            if (descriptor < 0)
            {
                throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Opening a raw IP socket");
            }

            if (family == LibC.AddressFamilyIPv6)
            {
                _ = LibC.TrySetOption(descriptor, IPv6Level, IPv6HeaderIncluded, 1);
            }
        }

        return descriptor;
    }

    private static void Close(ref int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = LibC.Close(descriptor);
            descriptor = -1;
        }
    }
}
