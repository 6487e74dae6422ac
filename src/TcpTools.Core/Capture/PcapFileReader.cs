using System;
using System.Collections.Generic;
using System.Globalization;

namespace TcpTools.Capture;

/// <summary>
/// Reads the classic format (draft-ietf-opsawg-pcap) from behind its magic number on, and the one that Linux's tcpdump
/// wrote for some time, with an interface's number and a direction for each frame.
/// </summary>
internal sealed class PcapFileReader : ICaptureFileReader
{
    private const int RestOfHeader = 20;
    private const int RecordHeader = 16;
    private const int ModifiedRecordHeader = 24;
    private const int OldUnixMajorVersion = 543;
    private const uint LinkTypeMask = 0x03FFFFFF;
    private const uint HasFrameCheckLength = 0x04000000;
    private const byte SentByUs = 4;
    private const int MaximumInterfaces = 4096;

    private readonly CaptureInput _input;
    private readonly CaptureNotes _notes;
    private readonly Dictionary<uint, CaptureInterface> _byIndex = [];
    private readonly CaptureInterface _interface;
    private readonly long _nanosecondsPerUnit;
    private readonly bool _isModified;
    private readonly bool _isAlwaysSwapped;
    private readonly bool _isSometimesSwapped;

    internal PcapFileReader(CaptureInput input, CaptureNotes notes, uint magic)
    {
        _input = input;
        _notes = notes;
        _nanosecondsPerUnit = magic == PcapNgFacts.PcapNanoseconds ? 1 : 1000;
        _isModified = magic == PcapNgFacts.PcapModified;
        ReadOnlySpan<byte> header = input.Take(RestOfHeader);
        int major = input.UInt16(header);
        int minor = input.UInt16(header[2..]);
        if (major is not (PcapNgFacts.PcapMajorVersion or OldUnixMajorVersion))
        {
            throw input.Damaged($"pcap version {major} is not known");
        }

        // Before version 2.3 the two lengths of a frame stood the other way round; 2.3 was written both ways.
        _isAlwaysSwapped = major == OldUnixMajorVersion || minor < 3;
        _isSometimesSwapped = minor == 3;
        uint linkType = input.UInt32(header[16..]);
        _interface = new CaptureInterface
        {
            SnapLength = (int)Math.Min(input.UInt32(header[12..]), int.MaxValue),
            LinkType = (CaptureLinkType)(linkType & LinkTypeMask),
            FrameCheckLength = (linkType & HasFrameCheckLength) != 0 ? (int)(linkType >> 28) * 2 : null,
        };
        _notes.Interfaces.Add(_interface);
    }

    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        int headerLength = _isModified ? ModifiedRecordHeader : RecordHeader;
        if (!_input.TryTake(headerLength, "a frame's header", out ReadOnlySpan<byte> header))
        {
            return false;
        }

        long seconds = _input.UInt32(header);
        long fraction = _input.UInt32(header[4..]);
        uint length = _input.UInt32(header[8..]);
        uint wireLength = _input.UInt32(header[12..]);
        if (_isAlwaysSwapped || (_isSometimesSwapped && length > wireLength))
        {
            (length, wireLength) = (wireLength, length);
        }

        CaptureInterface on = _isModified ? FindInterface(_input.UInt32(header[16..])) : _interface;
        byte kind = _isModified ? header[22] : (byte)0;
        if (length > PcapReader.MaximumFrameLength)
        {
            throw _input.Damaged($"a frame claims to have {length} bytes");
        }

        frame = new CapturedFrame
        {
            Timestamp = new CaptureTime((seconds * 1_000_000_000) + (fraction * _nanosecondsPerUnit)),
            WireLength = (int)Math.Min(wireLength, int.MaxValue),
            Bytes = _input.Take((int)length),
            Interface = on,
            Direction = !_isModified ? Packets.FrameDirection.Unknown
                : kind == SentByUs ? Packets.FrameDirection.Outgoing : Packets.FrameDirection.Incoming,
        };
        return true;
    }

    private CaptureInterface FindInterface(uint index)
    {
        if (index == 0 || _byIndex.TryGetValue(index, out CaptureInterface? known) is false && _byIndex.Count == MaximumInterfaces)
        {
            return _interface;
        }

        if (known is null)
        {
            known = _interface with { Name = string.Create(CultureInfo.InvariantCulture, $"#{index}") };
            _byIndex.Add(index, known);
            _notes.Interfaces.Add(known);
        }

        return known;
    }
}
