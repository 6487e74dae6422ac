using System;
using System.Collections.Generic;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>What pcapng files tell beside frames, and how files are continued.</summary>
public sealed partial class PcapWriter
{
    private ulong Units(CaptureTime time) => (ulong)Math.Max(time.Nanoseconds, 0) / (Options.Nanoseconds ? 1UL : 1000UL);

    /// <summary>Writes what an interface counted; nothing in other formats than pcapng.</summary>
    public void WriteStatistics(CaptureInterfaceStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        int number = AddInterface(statistics.Interface);
        if (Options.Format != CaptureFormat.PcapNg)
        {
            return;
        }

        _writer.BeginBlock(PcapNgFacts.InterfaceStatistics);
        _writer.UInt32((uint)number);
        _writer.HighLow(Units(statistics.Time));
        _writer.Option(PcapNgFacts.Comment, statistics.Comment);
        WriteTime(PcapNgFacts.StatisticsStart, statistics.Start);
        WriteTime(PcapNgFacts.StatisticsEnd, statistics.End);
        WriteCount(PcapNgFacts.StatisticsReceived, statistics.Received);
        WriteCount(PcapNgFacts.StatisticsDropped, statistics.Dropped);
        WriteCount(PcapNgFacts.StatisticsAccepted, statistics.Accepted);
        WriteCount(PcapNgFacts.StatisticsSystemDropped, statistics.SystemDropped);
        WriteCount(PcapNgFacts.StatisticsDelivered, statistics.Delivered);
        _writer.Option(PcapNgFacts.EndOfOptions, []);
        _writer.EndBlock();
        Emit();
    }

    /// <summary>Writes names of addresses; nothing in other formats than pcapng.</summary>
    public void WriteNames(IEnumerable<KeyValuePair<NetworkAddress, IReadOnlyList<string>>> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (!BeginNote(PcapNgFacts.NameResolution))
        {
            return;
        }

        Span<byte> address = stackalloc byte[16];
        foreach ((NetworkAddress key, IReadOnlyList<string> values) in names)
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Terminated(values)));
            if (key.IsNone || text.Length > ushort.MaxValue - 16)
            {
                continue;
            }

            key.TryWriteBytes(address);
            _writer.UInt16(key.IsIPv4 ? PcapNgFacts.NameIPv4 : PcapNgFacts.NameIPv6);
            _writer.UInt16(key.Length + text.Length);
            _writer.Bytes(address[..key.Length]);
            _writer.Bytes(text);
            _writer.Pad();
        }

        _writer.UInt32(0);
        _writer.EndBlock();
        Emit();
    }

    /// <summary>Writes keys to decrypt frames that follow; nothing in other formats than pcapng.</summary>
    public void WriteSecrets(CaptureSecrets secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (BeginNote(PcapNgFacts.DecryptionSecrets))
        {
            _writer.UInt32(secrets.Type);
            _writer.UInt32((uint)secrets.Data.Length);
            _writer.Bytes(secrets.Data);
            _writer.Pad();
            _writer.EndBlock();
            Emit();
        }
    }

    private static IEnumerable<string> Terminated(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            yield return name.Replace("\0", "", StringComparison.Ordinal) + "\0";
        }
    }

    /// <summary>Starts a block that belongs to no interface.</summary>
    private bool BeginNote(uint type)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Options.Format != CaptureFormat.PcapNg)
        {
            return false;
        }

        Start(new CaptureInterface());
        _writer.BeginBlock(type);
        return true;
    }

    private void WriteTime(int code, CaptureTime? time)
    {
        if (time is { } known)
        {
            _writer.UInt16(code);
            _writer.UInt16(8);
            _writer.HighLow(Units(known));
        }
    }

    private void WriteCount(int code, long? count)
    {
        if (count is { } known)
        {
            _writer.Option(code, (ulong)known);
        }
    }

    private void WriteSpeed(long speed)
    {
        if (speed > 0)
        {
            _writer.Option(PcapNgFacts.InterfaceSpeed, (ulong)speed);
        }
    }

    private void WriteAddresses(CaptureInterface description)
    {
        Span<byte> value = stackalloc byte[17];
        foreach (NetworkAddress address in description.Addresses)
        {
            // With the prefix of a single host: how large its network is, nobody has said.
            value.Fill(0xFF);
            address.TryWriteBytes(value);
            value[16] = 128;
            if (!address.IsNone)
            {
                _writer.Option(
                    address.IsIPv4 ? PcapNgFacts.InterfaceIPv4Address : PcapNgFacts.InterfaceIPv6Address,
                    value[..(address.IsIPv4 ? 8 : 17)]);
            }
        }

        if (description.HardwareAddress is { } mac)
        {
            mac.TryWriteBytes(value);
            _writer.Option(PcapNgFacts.InterfaceMacAddress, value[..6]);
        }
    }
}
