using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What stands in the options of segments, and what a SYN binds both sides to. A layout decides on the order.</content>
public sealed partial class TcpConnection
{
    private readonly ITcpOptionLayout _layout;
    private int _dataOptionsLength;
    private int _offeredSegment; // the MSS that our SYN said; 0 before it

    private static ITcpOptionLayout DefaultLayout(TcpSettings settings) =>
        settings.Profile == TcpProfile.FreeBSD ? FreeBSDOptionLayout.Instance : LinuxOptionLayout.Instance;

    private SequenceNumber ChooseInitialSequence(Instant now)
    {
        if (_settings.InitialSequence is { } generator)
        {
            try
            {
                return generator.Next(_key, now);
            }
#pragma warning disable CA1031 // Whatever it is, it is the generator's fault, and the connection goes on without it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _services.Errors.Add(PartKind.InitialSequence, generator.Name, e);
            }
        }

        return _services.InitialSequence.Next(_key, now);
    }

    /// <summary>Writes the options of a SYN or SYN-ACK, and takes for agreed or offered only what then stands in them.</summary>
    private int WriteSynOptions(Span<byte> destination, OptionPlace place, Instant now)
    {
        int length = WriteOptions(destination, new TcpOptionContent
        {
            Place = place,
            MaximumSegmentSize = (ushort)AnnouncedMaximumSegment,
            WindowScale = _usesWindowScale ? (byte)_announced.Scale : null,
            SackPermitted = _usesSack,
            HasTimestamps = _usesTimestamps,
            TimestampValue = _usesTimestamps ? _timestampClock.At(now) : 0,
            TimestampEcho = _usesTimestamps ? _paws.Recent : 0,
        });
        SegmentOptions said = SegmentOptions.Parse(destination[..length]);
        _usesTimestamps &= said.HasTimestamps;
        _usesSack &= said.SackPermitted;
        _usesWindowScale &= said.WindowScale is not null;
        _announced.Scale = _usesWindowScale ? said.WindowScale ?? 0 : 0;
        int slack = (1 << _announced.Scale) - 1;
        if (slack > _windowSlack)
        {
            // The layout has another shift than the settings.
            _receiveBuffer.Capacity += slack - _windowSlack;
            _windowSlack = slack;
        }

        // Without the option the peer takes the default (RFC 9293, 3.7.1).
        int silent = _key.RemoteAddress.IsIPv6 ? _settings.DefaultMssIPv6 : _settings.DefaultMss;
        _offeredSegment = Math.Max(1, (int)(said.MaximumSegmentSize ?? silent));
        return length;
    }

    /// <summary>Finds out how long the options of a segment with data are: so much less data fits (RFC 6691).</summary>
    private void MeasureOptions(Instant now)
    {
        Span<byte> options = stackalloc byte[TcpOptionWriter.MaximumLength];
        _dataOptionsLength = WriteEstablished(options, OptionPlace.Data, default, now);
    }

    private int WriteDataOptions(Span<byte> destination, Instant now) =>
        WriteEstablished(destination[.._dataOptionsLength], OptionPlace.Data, default, now);

    /// <summary>
    /// Writes the options of a segment without data: timestamps, as many SACK blocks as fit (RFC 2018, 3: three beside
    /// timestamps, four without), a duplicate's first (RFC 2883, 4).
    /// </summary>
    private int WriteAckOptions(Span<byte> destination, Instant now)
    {
        Span<SackBlock> blocks = stackalloc SackBlock[SegmentOptions.MaximumSackBlocks];
        int count = 0;
        if (_usesSack && (_duplicateBlock is not null || _receiveBuffer.HasGap))
        {
            int room = _usesTimestamps ? 3 : 4;
            if (_duplicateBlock is { } duplicate)
            {
                blocks[count++] = duplicate;
                _duplicateSacksOut++;
            }

            count += _receiveBuffer.WriteSackBlocks(blocks[count..room]);
            _duplicateBlock = null;
        }

        return WriteEstablished(destination, OptionPlace.Ack, blocks[..count], now);
    }

    private int WriteEstablished(Span<byte> destination, OptionPlace place, ReadOnlySpan<SackBlock> blocks, Instant now) =>
        WriteOptions(destination, new TcpOptionContent
        {
            Place = place,
            HasTimestamps = _usesTimestamps,
            TimestampValue = _usesTimestamps ? _timestampClock.At(now) : 0,
            TimestampEcho = _usesTimestamps ? _paws.Recent : 0,
            SackBlocks = blocks,
        });

    private int WriteOptions(Span<byte> destination, in TcpOptionContent content)
    {
        TcpOptionWriter writer = new(destination);
        try
        {
            _layout.Write(ref writer, content);
        }
#pragma warning disable CA1031 // Whatever it is, it is the layout's fault, and the segment goes out without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _services.Errors.Add(PartKind.OptionLayout, _layout.Name, e);
            writer = new(destination);
            DefaultLayout(_settings).Write(ref writer, content);
        }

        // Also where something did not fit: the room is a multiple of 4 bytes.
        while (writer.Length % 4 != 0)
        {
            writer.AddEnd();
        }

        return writer.Length;
    }
}
