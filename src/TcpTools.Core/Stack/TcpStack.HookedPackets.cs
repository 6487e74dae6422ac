using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>The way of a packet that hooks look at: stage by stage, and on from where it was held.</content>
/// <remarks>
/// Hooks see packets as they are on the wire: while one of them may look at a flow, segments are made in the size that goes
/// out, with their checksums, instead of being left to the link to split and complete; and what a link has joined is split
/// again before they look.
/// </remarks>
public sealed partial class TcpStack
{
    /// <summary>Lets a packet go on behind a hook of a stage.</summary>
    private void Continue(
        HookStage stage, PacketHook? after, PacketBuffer packet, in HookOrigin origin, Instant now, bool isAnswer = false)
    {
        switch (stage)
        {
            case HookStage.LinkIn when isAnswer:
                TakePacketNow(packet, now);
                break;
            case HookStage.IPIn when isAnswer:
                _ip.Receive(packet, now);
                break;
            case HookStage.LinkIn:
                TakeFrame(packet, after, now);
                break;
            case HookStage.IPIn:
                TakePacket(packet, after, now);
                break;
            case HookStage.TcpIn:
                TakeSegment(packet, after, now);
                break;
            case HookStage.IPOut:
                SendPacket(packet, after, origin.NextHop, now);
                break;
            case HookStage.LinkOut:
                Put(packet, after, now);
                break;
            default:
                SendSegment(stage, packet, after, origin, now);
                break;
        }
    }

    /// <summary>A frame from the link, as single packets with their checksums.</summary>
    private void TakeHookedFrame(PacketBuffer frame, Instant now)
    {
        if (_hooks!.WatchesIn)
        {
            GsoSegmenter packets = new(frame.Span, frame.Offload, _capabilities.Medium);
            if (packets.IsValid)
            {
                while (packets.TryNext(Options.Buffers, out PacketBuffer? packet))
                {
                    packet.Timestamp = frame.Timestamp;
                    TakeFrame(packet, null, now);
                }

                frame.Release();
                return;
            }

            GsoSegmenter.TryCompleteChecksum(frame);
        }

        TakeFrame(frame, null, now);
    }

    private void TakeFrame(PacketBuffer frame, PacketHook? after, Instant now)
    {
        if (PassHooks(HookStage.LinkIn, after, ref frame, default, now))
        {
            TakePacketNow(frame, now);
        }
    }

    private void TakePacketNow(PacketBuffer frame, Instant now)
    {
        if (_ethernet is null || _ethernet.Receive(frame, now))
        {
            TakePacket(frame, null, now);
        }
    }

    private void TakePacket(PacketBuffer packet, PacketHook? after, Instant now)
    {
        if (PassHooks(HookStage.IPIn, after, ref packet, default, now))
        {
            _ip.Receive(packet, now);
        }
    }

    /// <summary>Shows a segment on its way to its connection to hooks; false where none looks, and it goes its usual way.</summary>
    private bool TakeHookedSegment(in IPDatagram datagram, Instant now)
    {
        TcpView view = new(datagram.Payload);
        if (_hooks!.At(HookStage.TcpIn).Length == 0 || !view.IsValid
            || (!datagram.IsChecksumTrusted && !view.IsChecksumValid(datagram.Source, datagram.Destination)))
        {
            return false;
        }

        // A copy, which can be kept and changed; the datagram lives as long as this call.
        int headerLength = datagram.Header.Length;
        PacketBuffer packet = Options.Buffers.Rent(headerLength + datagram.Payload.Length);
        datagram.Header.CopyTo(packet.Append(headerLength));
        datagram.Payload.CopyTo(packet.Append(datagram.Payload.Length));
        packet.Timestamp = now;
        if (datagram.IsReassembled || datagram.Offload.NeedsChecksum)
        {
            HookChecksums.Update(packet.Span);
        }

        packet.Offload.ChecksumVerified = true;
        TakeSegment(packet, null, now);
        return true;
    }

    private void TakeSegment(PacketBuffer packet, PacketHook? after, Instant now)
    {
        if (!PassHooks(HookStage.TcpIn, after, ref packet, default, now))
        {
            return;
        }

        IPv4View view = new(packet.Span);
        if (view.IsValid && view.Protocol == IPProtocol.Tcp && !view.IsFragment)
        {
            packet.Truncate(view.TotalLength);
            DeliverTcp(IPv4InputRules.ToDatagram(packet, isUnicast: true, isLooped: false, isReassembled: false), now);
        }

        packet.Release();
    }

    /// <summary>Sends a segment past hooks; false where none may look, and it goes its usual way.</summary>
    private bool TransmitHooked(in FlowKey key, in OutgoingSegment segment, long sessionId, TcpState state, Instant now)
    {
        HookTable table = _hooks!;
        if (!table.WatchesOut(key))
        {
            return false;
        }

        HookOrigin origin = new() { Key = key, SessionId = sessionId, State = state, Session = _table.Find(key) };
        int size = segment.SegmentSize > 0 ? segment.SegmentSize : int.MaxValue;
        int length = segment.PayloadLength;
        int done = 0;
        do
        {
            // One for each packet on the wire: FIN and PSH stay on the last.
            int part = Math.Min(size, length - done);
            bool isLast = done + part == length;
            int first = Math.Clamp(segment.Payload.Length - done, 0, part);
            OutgoingSegment piece = new()
            {
                Sequence = segment.Sequence + done,
                Acknowledgment = segment.Acknowledgment,
                Flags = isLast ? segment.Flags : segment.Flags & ~(TcpFlags.Fin | TcpFlags.Psh),
                Window = segment.Window,
                UrgentPointer = (ushort)Math.Max(0, segment.UrgentPointer - done),
                Options = segment.Options,
                Payload = segment.Payload.Slice(Math.Min(done, segment.Payload.Length), first),
                PayloadRest = segment.PayloadRest.Slice(Math.Max(0, done - segment.Payload.Length), part - first),
            };
            PacketBuffer packet = TcpSegments.Build(Options.Buffers, key, piece, leavesChecksum: false);
            if (table.WatchesSegments(key))
            {
                AddDraftHeader(packet, key);
                bool isSyn = (segment.Flags & TcpFlags.Syn) != 0;
                HookStage stage = !isSyn ? HookStage.TcpOut
                    : (segment.Flags & TcpFlags.Ack) != 0 ? HookStage.SynAck : HookStage.Syn;
                SendSegment(stage, packet, null, origin, now);
            }
            else
            {
                SendSegmentNow(packet, origin, new IPSendOptions
                {
                    Source = key.LocalAddress,
                    Destination = key.RemoteAddress,
                    Protocol = IPProtocol.Tcp,
                    DontFragment = true,
                }, now);
            }

            done += part;
        }
        while (done < length);
        return true;
    }

    /// <summary>Puts the IP header before a segment by which hooks see it; what they set in it, the IP layer takes over.</summary>
    private void AddDraftHeader(PacketBuffer packet, in FlowKey key)
    {
        Span<byte> header = packet.Push(IPv4View.MinimumHeaderLength);
        header.Clear();
        new IPv4Editor(header)
        {
            Version = 4,
            HeaderLength = IPv4View.MinimumHeaderLength,
            TotalLength = (ushort)packet.Length,
            DontFragment = true,
            TimeToLive = _ip.Settings.TimeToLive,
            Protocol = IPProtocol.Tcp,
            Source = key.LocalAddress,
            Destination = key.RemoteAddress,
        }.UpdateChecksum();
    }

    private void SendSegment(HookStage stage, PacketBuffer packet, PacketHook? after, in HookOrigin origin, Instant now)
    {
        if (stage != HookStage.TcpOut)
        {
            if (!PassHooks(stage, after, ref packet, origin, now))
            {
                return;
            }

            after = null;
        }

        if (!PassHooks(HookStage.TcpOut, after, ref packet, origin, now))
        {
            return;
        }

        IPv4View header = new(packet.Span);
        if (header.IsValid && header.TotalLength == packet.Length && header.Protocol == IPProtocol.Tcp && !header.IsFragment
            && !header.ReservedFlag && header.IsChecksumValid)
        {
            AdoptInitialSequence(packet, header.HeaderLength, origin);
            Span<byte> options = stackalloc byte[IPv4View.MaximumHeaderLength];
            header.Options.CopyTo(options);
            IPSendOptions send = new()
            {
                Source = header.Source,
                Destination = header.Destination,
                Protocol = IPProtocol.Tcp,
                TimeToLive = header.TimeToLive,
                TypeOfService = header.TypeOfService,
                DontFragment = header.DontFragment,
                Identification = header.Identification == 0 ? null : header.Identification,
                Options = options[..header.Options.Length],
            };
            packet.Pull(header.HeaderLength);
            SendSegmentNow(packet, origin, send, now);
        }
        else
        {
            // What the IP layer would not send like this goes as it is.
            NetworkAddress to = origin.Key.RemoteAddress;
            SendPacket(packet, null, _ip.Routes.TryLookup(to, out Route route) ? route.NextHop(to) : to, now);
        }
    }

    /// <summary>A SYN carries the number that its connection counts from: where a hook has set another, the connection takes it.</summary>
    private static void AdoptInitialSequence(PacketBuffer packet, int headerLength, in HookOrigin origin)
    {
        Span<byte> bytes = packet.Span[headerLength..];
        TcpView view = new(bytes);
        if ((view.Flags & TcpFlags.Syn) == 0 || origin.Session is not { } session)
        {
            return;
        }

        SequenceNumber wanted = view.Sequence;
        SequenceNumber taken = session.Connection.AdoptInitialSequence(wanted);
        if (taken != wanted)
        {
            // The checksum moves along, so that one that was made wrong on purpose stays so.
            ushort checksum = InternetChecksum.Update32(view.Checksum, wanted.Value, taken.Value);
            _ = new TcpEditor(bytes) { Sequence = taken, Checksum = checksum };
        }
    }

    private void SendSegmentNow(PacketBuffer packet, in HookOrigin origin, in IPSendOptions send, Instant now)
    {
        NoteSegmentSent(origin.Key, origin.SessionId, origin.State, packet.Span, now);
        SendDatagram(packet, send, now);
    }

    private void SendPacket(PacketBuffer packet, PacketHook? after, NetworkAddress nextHop, Instant now)
    {
        if (PassHooks(HookStage.IPOut, after, ref packet, new HookOrigin { NextHop = nextHop }, now))
        {
            SendPacketNow(packet, nextHop, now);
        }
    }

    private void SendPacketNow(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        packet.Timestamp = now;
        PutPacket(packet, nextHop, now);
    }

    private void Put(PacketBuffer frame, PacketHook? after, Instant now)
    {
        if (PassHooks(HookStage.LinkOut, after, ref frame, default, now))
        {
            PutNow(frame, now);
        }
    }
}
