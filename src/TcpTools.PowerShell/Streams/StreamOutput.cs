using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;
using TcpTools.Streams;

namespace TcpTools.PowerShell;

/// <summary>What is made of streams.</summary>
public enum StreamOutput
{
    /// <summary>A stream, when it has ended.</summary>
    Stream,

    /// <summary>What happens, as it happens.</summary>
    Events,

    /// <summary>The text of each turn of the conversation, when the stream has ended.</summary>
    Text,

    /// <summary>The data of each direction as bytes, when the stream has ended.</summary>
    Bytes,

    /// <summary>Lines of text, as they end.</summary>
    Lines,

    /// <summary>HTTP requests with their responses, as they end.</summary>
    Http,
}

/// <summary>Which directions of streams are shown.</summary>
public enum StreamDirections
{
    /// <summary>Both.</summary>
    Both,

    /// <summary>What the client sent.</summary>
    FromClient,

    /// <summary>What the server sent.</summary>
    FromServer,
}

/// <summary>What a cmdlet that follows streams was asked for, and the observer that does it.</summary>
internal sealed class StreamOutputOptions
{
    public required StreamOutput As { get; init; }

    public StreamDirections Direction { get; init; }

    public Encoding Encoding { get; init; } = EncodingTransformAttribute.Default;

    public long MaximumBytes { get; init; } = TcpStreamRecorder.DefaultMaximumBytes;

    public bool IncludeUnopened { get; init; }

    /// <summary>An observer that writes what was asked for.</summary>
    /// <param name="write">Takes objects.</param>
    /// <param name="warn">Takes what is strange and is not part of what is written.</param>
    public TcpStreamObserver MakeObserver(Action<object> write, Action<StreamAnomaly> warn)
    {
        switch (As)
        {
            case StreamOutput.Events:
                return new TcpStreamEvents(
                    e =>
                    {
                        if (e.Direction is not { } direction || Shows(direction))
                        {
                            write(e);
                        }
                    },
                    MaximumBytes > 0,
                    IncludeUnopened);
            case StreamOutput.Http:
                return new HttpObserver(write, warn, MaximumBytes);
            case StreamOutput.Lines:
                return new TcpStreamLines(
                    line =>
                    {
                        if (Shows(line.Direction))
                        {
                            write(line);
                        }
                    },
                    Encoding,
                    warn);
            default:
                return new TcpStreamRecorder(stream => Write(stream, write, warn), warn, MaximumBytes);
        }
    }

    private bool Shows(StreamDirection direction) => Direction switch
    {
        StreamDirections.FromClient => direction == StreamDirection.FromClient,
        StreamDirections.FromServer => direction == StreamDirection.FromServer,
        _ => true,
    };

    private void Write(TcpStream stream, Action<object> write, Action<StreamAnomaly> warn)
    {
        if (!stream.WasOpened && !IncludeUnopened)
        {
            return;
        }

        foreach (StreamAnomaly anomaly in stream.Warnings)
        {
            warn(anomaly);
        }

        switch (As)
        {
            case StreamOutput.Text:
                foreach (TcpStreamTurn turn in stream.Turns)
                {
                    if (Shows(turn.Direction))
                    {
                        write(Encoding.GetString(turn.Data));
                    }
                }

                break;
            case StreamOutput.Bytes:
                foreach (StreamDirection direction in Enum.GetValues<StreamDirection>())
                {
                    byte[] data = Shows(direction) ? stream.Recording?.Data(direction) ?? [] : [];
                    if (data.Length > 0)
                    {
                        write(data);
                    }
                }

                break;
            default:
                write(stream);
                break;
        }
    }
}

/// <summary>Warnings of a kind are written a few times and then only counted.</summary>
internal sealed class StreamWarnings(Action<string> write)
{
    private const int Shown = 10;

    private readonly SortedDictionary<StreamAnomalyKind, long> _counts = [];

    public void Add(StreamAnomaly anomaly)
    {
        _counts.TryGetValue(anomaly.Kind, out long count);
        _counts[anomaly.Kind] = ++count;
        if (count <= Shown)
        {
            write($"{anomaly.Kind}: {anomaly}");
        }
    }

    public void Finish()
    {
        foreach ((StreamAnomalyKind kind, long count) in _counts)
        {
            if (count > Shown)
            {
                write($"{kind}: {count - Shown} more.");
            }
        }

        _counts.Clear();
    }
}

/// <summary>The checksum rules that -NoChecksum and -IgnoreChecksum stand for.</summary>
internal static class ChecksumRules
{
    public static IReadOnlyList<ChecksumRule> From(bool none, string[] ignored)
    {
        List<ChecksumRule> rules = [];
        if (none)
        {
            rules.Add(ChecksumRule.Parse("0.0.0.0/0", verify: false));
            rules.Add(ChecksumRule.Parse("::/0", verify: false));
        }

        foreach (string network in ignored)
        {
            rules.Add(ChecksumRule.Parse(network, verify: false));
        }

        return rules;
    }
}
