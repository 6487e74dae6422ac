using System;
using System.Collections.Generic;

namespace TcpTools.Capture;

/// <summary>Reads the classic format (draft-ietf-opsawg-pcap) from behind its magic number on.</summary>
internal sealed class PcapFileReader : ICaptureFileReader
{
    private const int RestOfHeader = 20;
    private const int RecordHeader = 16;
    private const uint LinkTypeMask = 0x0FFFFFFF;

    private readonly CaptureInput _input;
    private readonly CaptureInterface _interface;
    private readonly long _nanosecondsPerUnit;

    internal PcapFileReader(CaptureInput input, bool nanoseconds)
    {
        _input = input;
        _nanosecondsPerUnit = nanoseconds ? 1 : 1000;
        ReadOnlySpan<byte> header = input.Take(RestOfHeader);
        int major = input.UInt16(header);
        if (major != PcapNgFacts.PcapMajorVersion)
        {
            throw input.Damaged($"pcap version {major} is not known");
        }

        _interface = new CaptureInterface
        {
            SnapLength = (int)Math.Min(input.UInt32(header[12..]), int.MaxValue),
            // The upper bits tell of frame check sequences.
            LinkType = (CaptureLinkType)(input.UInt32(header[16..]) & LinkTypeMask),
        };
        Interfaces = [_interface];
    }

    public IReadOnlyList<CaptureInterface> Interfaces { get; }

    public string? Comment => null;

    public string? Application => null;

    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        Span<byte> header = stackalloc byte[RecordHeader];
        int read = _input.Fill(header);
        if (read < RecordHeader)
        {
            return read == 0 ? false : throw _input.Damaged("it ends in the middle of a frame's header");
        }

        long seconds = _input.UInt32(header);
        long fraction = _input.UInt32(header[4..]);
        uint length = _input.UInt32(header[8..]);
        if (length > PcapReader.MaximumFrameLength)
        {
            throw _input.Damaged($"a frame claims to have {length} bytes");
        }

        frame = new CapturedFrame
        {
            Timestamp = new CaptureTime((seconds * 1_000_000_000) + (fraction * _nanosecondsPerUnit)),
            WireLength = (int)Math.Min(_input.UInt32(header[12..]), int.MaxValue),
            Bytes = _input.Take((int)length),
            Interface = _interface,
        };
        return true;
    }
}
