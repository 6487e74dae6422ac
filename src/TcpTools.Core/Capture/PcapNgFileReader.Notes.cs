using System;
using System.Collections.Generic;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>The blocks that tell of something else than frames: interfaces, names, counts, keys.</summary>
internal sealed partial class PcapNgFileReader
{
    private void ReadInterface(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8 || _notes.Interfaces.Count == MaximumInterfaces)
        {
            throw _input.Damaged("an interface's description is too short, or there are too many");
        }

        CaptureInterface on = new()
        {
            LinkType = (CaptureLinkType)_input.UInt16(body),
            SnapLength = (int)Math.Min(_input.UInt32(body[4..]), int.MaxValue),
        };
        PcapNgClock clock = PcapNgClock.Microseconds;
        List<NetworkAddress> addresses = [];
        PcapNgOptions options = new(_input, body[8..]);
        while (options.MoveNext())
        {
            ReadOnlySpan<byte> value = options.Value;
            switch (options.Code)
            {
                case PcapNgFacts.Comment:
                    on = on with { Comment = options.Join(on.Comment) };
                    break;
                case PcapNgFacts.InterfaceName:
                    on = on with { Name = options.Text };
                    break;
                case PcapNgFacts.InterfaceDescriptionText:
                    on = on with { Description = options.Text };
                    break;
                case PcapNgFacts.InterfaceIPv4Address when value.Length == 8:
                    addresses.Add(NetworkAddress.FromBytes(value[..4]));
                    break;
                case PcapNgFacts.InterfaceIPv6Address when value.Length == 17:
                    addresses.Add(NetworkAddress.FromBytes(value[..16]));
                    break;
                case PcapNgFacts.InterfaceMacAddress when value.Length == 6:
                    on = on with { HardwareAddress = MacAddress.FromBytes(value) };
                    break;
                case PcapNgFacts.InterfaceSpeed:
                    on = on with { Speed = options.Count ?? 0 };
                    break;
                case PcapNgFacts.InterfaceTimeResolution when value.Length > 0:
                    clock = clock with { Resolution = value[0] };
                    break;
                case PcapNgFacts.InterfaceFilter when value.Length > 0:
                    on = on with { Filter = value[0] == 0 ? options.Text[1..] : Convert.ToHexStringLower(value[1..]) };
                    break;
                case PcapNgFacts.InterfaceOperatingSystem:
                    on = on with { OperatingSystem = options.Text };
                    break;
                case PcapNgFacts.InterfaceFrameCheckLength when value.Length > 0:
                    on = on with { FrameCheckLength = value[0] };
                    break;
                case PcapNgFacts.InterfaceTimeOffset when value.Length == 8:
                    clock = clock with { OffsetSeconds = (long)_input.UInt64(value) };
                    break;
                case PcapNgFacts.InterfaceHardware:
                    on = on with { Hardware = options.Text };
                    break;
                default:
                    break;
            }
        }

        _clocks.Add(clock);
        _notes.Interfaces.Add(addresses.Count == 0 ? on : on with { Addresses = addresses });
    }

    private void ReadNames(ReadOnlySpan<byte> body)
    {
        // Records of a type, a length and a value; type 0 ends them. A list that is cut just ends.
        while (body.Length >= 4 && _input.UInt16(body) is > 0 and var type)
        {
            int length = _input.UInt16(body[2..]);
            if (length > body.Length - 4)
            {
                return;
            }

            ReadOnlySpan<byte> value = body.Slice(4, length);
            body = body[Math.Min(4 + ((length + 3) & ~3), body.Length)..];
            int addressLength = type == PcapNgFacts.NameIPv4 ? 4 : 16;
            if (type is not (PcapNgFacts.NameIPv4 or PcapNgFacts.NameIPv6) || length < addressLength)
            {
                continue;
            }

            NetworkAddress address = addressLength == 4 ? NetworkAddress.FromBytes(value[..4]) : NetworkAddress.FromBytes(value[..16]);
            ReadOnlySpan<byte> names = value[addressLength..];
            while (!names.IsEmpty)
            {
                int end = names.IndexOf((byte)0);
                ReadOnlySpan<byte> name = end < 0 ? names : names[..end];
                names = end < 0 ? default : names[(end + 1)..];
                if (!name.IsEmpty)
                {
                    _notes.AddName(address, Encoding.UTF8.GetString(name));
                }
            }
        }
    }

    private void ReadStatistics(ReadOnlySpan<byte> body)
    {
        uint number = body.Length < 12 ? uint.MaxValue : _input.UInt32(body);
        if (number >= _notes.Interfaces.Count)
        {
            // Counts of something that is not here hurt nobody.
            return;
        }

        PcapNgClock clock = _clocks[(int)number];
        CaptureInterfaceStatistics statistics = new()
        {
            Interface = _notes.Interfaces[(int)number],
            Time = clock.ToTime(_input.HighLow(body[4..])),
        };
        PcapNgOptions options = new(_input, body[12..]);
        while (options.MoveNext())
        {
            long? count = options.Count;
            CaptureTime? time = options.Value.Length == 8 ? clock.ToTime(_input.HighLow(options.Value)) : null;
            statistics = options.Code switch
            {
                PcapNgFacts.Comment => statistics with { Comment = options.Join(statistics.Comment) },
                PcapNgFacts.StatisticsStart => statistics with { Start = time },
                PcapNgFacts.StatisticsEnd => statistics with { End = time },
                PcapNgFacts.StatisticsReceived => statistics with { Received = count },
                PcapNgFacts.StatisticsDropped => statistics with { Dropped = count },
                PcapNgFacts.StatisticsAccepted => statistics with { Accepted = count },
                PcapNgFacts.StatisticsSystemDropped => statistics with { SystemDropped = count },
                PcapNgFacts.StatisticsDelivered => statistics with { Delivered = count },
                _ => statistics,
            };
        }

        _notes.AddStatistics(statistics);
    }

    private void ReadSecrets(ReadOnlySpan<byte> body)
    {
        if (body.Length >= 8 && _input.UInt32(body[4..]) <= body.Length - 8)
        {
            _notes.AddSecrets(new CaptureSecrets(_input.UInt32(body), [.. body.Slice(8, (int)_input.UInt32(body[4..]))]));
        }
    }
}
