using System;
using System.Buffers.Binary;
using System.IO;

namespace TcpTools.Capture;

/// <summary>Files that are continued, and records of ERF.</summary>
public sealed partial class PcapWriter
{
    /// <summary>
    /// Opens a file to write behind what is in it, in its format; one that does not exist, or is empty, is made. A pcapng
    /// file gets another section, a compressed one another compressed part.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to write a new file; format, byte order, resolution and compression of one that exists win.</param>
    /// <exception cref="StackException">What is there is no capture, or ends in the middle of a frame.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static PcapWriter Append(string path, PcapWriterOptions? options = null)
    {
        options ??= new PcapWriterOptions();
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return Create(path, options);
        }

        CaptureInterface? only = null;
        using (PcapReader reader = PcapReader.Open(path))
        {
            options = options with { Format = reader.Format, Compress = reader.IsCompressed };
            if (reader.Format == CaptureFormat.Pcap)
            {
                options = options with { BigEndian = reader.IsBigEndian, Nanoseconds = reader.Nanoseconds };
                only = reader.Interfaces[0];
            }
        }

        FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, FileBufferBytes);
        try
        {
            if (options is { Format: CaptureFormat.PcapNg, Compress: false })
            {
                CheckLastBlock(file);
            }

            file.Seek(0, SeekOrigin.End);
            PcapWriter writer = new(file, options) { _isAppended = true };
            if (only is not null)
            {
                writer.AddInterface(only);
            }

            return writer;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The last four bytes of a whole pcapng file lead back to the start of a block of that length.</summary>
    private static void CheckLastBlock(FileStream file)
    {
        Span<byte> last = stackalloc byte[4];
        Span<byte> first = stackalloc byte[4];
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(last);
        foreach (uint length in (ReadOnlySpan<uint>)
            [BinaryPrimitives.ReadUInt32LittleEndian(last), BinaryPrimitives.ReadUInt32BigEndian(last)])
        {
            if (length >= 12 && length <= file.Length)
            {
                file.Seek(-(long)length + 4, SeekOrigin.End);
                file.ReadExactly(first);
                if (first.SequenceEqual(last))
                {
                    return;
                }
            }
        }

        throw new StackException(
            StackError.InvalidData,
            "The capture ends in the middle of a block: what were written behind could not be read.",
            "Import it and export what is good to another file.");
    }

    private static byte ErfTypeOf(CaptureLinkType linkType) => linkType switch
    {
        CaptureLinkType.Ethernet => ErfFileReader.Ethernet,
        CaptureLinkType.IPv4 or CaptureLinkType.Raw => ErfFileReader.IPv4,
        CaptureLinkType.IPv6 => ErfFileReader.IPv6,
        _ => throw new StackException(
            StackError.InvalidArgument, $"ERF has no records for frames of link type {linkType}.", "Write pcapng."),
    };

    private void WriteErfRecord(int number, in CapturedFrame frame, ReadOnlySpan<byte> bytes, uint wireLength)
    {
        const int Largest = ushort.MaxValue - ErfFileReader.RecordHeader - ErfFileReader.EthernetPad - 7;
        CaptureLinkType linkType = frame.Interface.LinkType;
        bool isIPv6 = linkType == CaptureLinkType.Raw && bytes.Length > 0 && bytes[0] >> 4 == 6;
        byte type = isIPv6 ? ErfFileReader.IPv6 : ErfTypeOf(linkType);
        bytes = bytes[..Math.Min(bytes.Length, Largest)];
        int pad = type == ErfFileReader.Ethernet ? ErfFileReader.EthernetPad : 0;
        int length = ErfFileReader.RecordHeader + pad + bytes.Length;
        if (wireLength <= bytes.Length)
        {
            // Records are mostly filled up to multiples of eight; behind a frame that was cut, it would count as more of it.
            length = (length + 7) & ~7;
        }

        ulong time = (ulong)Math.Max(frame.Timestamp.Nanoseconds, 0);
        UInt128 fraction = ((UInt128)(time % 1_000_000_000) << 32) + 999_999_999;

        Span<byte> header = stackalloc byte[ErfFileReader.RecordHeader + ErfFileReader.EthernetPad];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, ((time / 1_000_000_000) << 32) | (uint)(fraction / 1_000_000_000));
        header[8] = type;
        // Records of various lengths, of one of four ports.
        header[9] = (byte)(4 | (number & 3));
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(header[12..], (ushort)Math.Clamp(frame.LostBefore ?? 0, 0, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)Math.Min(wireLength, ushort.MaxValue));
        _writer.Clear();
        _writer.Bytes(header[..(ErfFileReader.RecordHeader + pad)]);
        _writer.Bytes(bytes);
        _writer.Fill(length - _writer.Written.Length);
        Emit();
    }
}
