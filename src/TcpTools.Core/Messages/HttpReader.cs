using System;
using System.Globalization;
using TcpTools.Buffers;

namespace TcpTools.Messages;

/// <summary>Takes what an <see cref="HttpReader"/> finds.</summary>
internal interface IHttpSink
{
    /// <summary>A header section has ended. Says what kind of body follows and, with a length, how long.</summary>
    HttpFraming Begin(HttpMessage message, out long length);

    /// <summary>A message has ended, in order or not. Says whether to go on with what follows it.</summary>
    bool End(HttpMessage message);
}

/// <summary>
/// Takes one direction of a stream apart into messages (RFC 9112), whatever pieces it comes in. What makes no sense gives a
/// partial message with an anomaly; then the next thing that looks like a start is waited for.
/// </summary>
internal sealed class HttpReader(bool isRequest, long maximumBody, KeptBudget budget, IHttpSink sink)
{
    public const int MaximumHeaderBytes = 64 * 1024;

    private byte[] _line = new byte[256];
    private int _lineLength;
    private int _headerBytes;
    private State _state;
    private bool _isStopped;
    private HttpMessage? _message;
    private long _left;

    private enum State
    {
        Start,
        Headers,
        Length,
        UntilClose,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailers,
        Lost,
        Tunnel,
    }

    /// <summary>Whether anything like HTTP was found.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether bytes are not HTTP any more.</summary>
    public bool IsTunnel => _state == State.Tunnel;

    /// <summary>Whether it has lost its way, and waits for something that looks like a start.</summary>
    public bool IsLost => _state == State.Lost;

    /// <summary>Takes the next bytes.</summary>
    /// <returns>How many: all, unless the sink wanted to stop behind a message.</returns>
    public int Feed(ReadOnlySpan<byte> data, DateTimeOffset time)
    {
        int length = data.Length;
        _isStopped = false;
        if (_state == State.Lost && HttpLine.LooksLikeStart(data, isRequest))
        {
            _state = State.Start;
        }

        while (!data.IsEmpty && !_isStopped && _state is not (State.Lost or State.Tunnel))
        {
            if (_message is not null)
            {
                _message.EndTime = time;
            }

            switch (_state)
            {
                case State.Length or State.Chunk:
                    Take(ref data);
                    break;
                case State.UntilClose:
                    _message!.AddBody(data, maximumBody, budget);
                    data = default;
                    break;
                default:
                    if (TakeLine(ref data, out ReadOnlySpan<byte> line))
                    {
                        ReadLine(line, time);
                    }

                    break;
            }
        }

        return _isStopped ? length - data.Length : length;
    }

    /// <summary>Bytes are missing.</summary>
    public void Skip(long length)
    {
        switch (_state)
        {
            case State.Tunnel:
                return;
            case State.UntilClose or State.Length or State.Chunk when _state == State.UntilClose || length <= _left:
                _message!.Report(HttpAnomalyKind.Gap, $"{length} bytes of the body are missing");
                _message.BodyLength += length;
                _left -= _state == State.UntilClose ? 0 : length;
                EndBodyPart();
                break;
            default:
                Fail(HttpAnomalyKind.Gap, $"{length} bytes are missing");
                break;
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Finish()
    {
        if (_state == State.UntilClose)
        {
            Complete();
        }
        else if (_message is not null)
        {
            Fail(HttpAnomalyKind.Truncated, "the stream ended before the message");
        }
    }

    /// <summary>What follows is another protocol.</summary>
    public void BecomeTunnel() => _state = State.Tunnel;

    private void Take(ref ReadOnlySpan<byte> data)
    {
        int count = (int)Math.Min(_left, data.Length);
        _message!.AddBody(data[..count], maximumBody, budget);
        data = data[count..];
        _left -= count;
        EndBodyPart();
    }

    private void EndBodyPart()
    {
        if (_left > 0 || _state == State.UntilClose)
        {
            return;
        }

        if (_state == State.Chunk)
        {
            _state = State.ChunkEnd;
        }
        else
        {
            Complete();
        }
    }

    private bool TakeLine(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> line)
    {
        int end = data.IndexOf((byte)'\n');
        int count = end < 0 ? data.Length : end + 1;
        line = default;
        _headerBytes += count;
        if (_headerBytes > MaximumHeaderBytes)
        {
            Fail(HttpAnomalyKind.HeaderTooLong, $"more than {MaximumHeaderBytes} bytes of header");
            return false;
        }

        if (end >= 0 && _lineLength == 0)
        {
            line = data[..end];
        }
        else
        {
            if (_line.Length < _lineLength + count)
            {
                Array.Resize(ref _line, Math.Max(_line.Length * 2, _lineLength + count));
            }

            data[..count].CopyTo(_line.AsSpan(_lineLength));
            _lineLength += count;
            line = end >= 0 ? _line.AsSpan(0, _lineLength - 1) : default;
        }

        data = data[count..];
        if (end < 0)
        {
            return false;
        }

        _lineLength = 0;
        line = !line.IsEmpty && line[^1] == '\r' ? line[..^1] : line;
        return true;
    }

    private void ReadLine(ReadOnlySpan<byte> line, DateTimeOffset time)
    {
        switch (_state)
        {
            case State.Start:
                ReadStart(line, time);
                break;
            case State.Headers when line.IsEmpty:
                BeginBody();
                break;
            case State.Trailers when line.IsEmpty:
                Complete();
                break;
            case State.Headers or State.Trailers:
                HttpLine.ReadHeader(_message!, line, _state == State.Trailers);
                break;
            case State.ChunkSize:
                ReadChunkSize(line);
                break;
            default:
                _headerBytes = 0;
                if (line.IsEmpty)
                {
                    _state = State.ChunkSize;
                }
                else
                {
                    Fail(HttpAnomalyKind.BadChunk, "a chunk is longer than its size");
                }

                break;
        }
    }

    private void ReadStart(ReadOnlySpan<byte> line, DateTimeOffset time)
    {
        _headerBytes = line.Length;
        if (line.IsEmpty)
        {
            // Empty lines before a message are no part of it (RFC 9112, 2.2).
            return;
        }

        HttpMessage message = HttpLine.ReadStart(line, isRequest, time, out bool isSound);
        if (message.Version.StartsWith('2'))
        {
            // The preface of HTTP/2 (RFC 9113, 3.4).
            _state = State.Tunnel;
            return;
        }

        if (!isSound && !HasBegun)
        {
            _state = State.Lost;
            return;
        }

        HasBegun = true;
        _message = message;
        _state = State.Headers;
        if (!isSound)
        {
            sink.Begin(message, out _);
            Fail(HttpAnomalyKind.BadStartLine, "the first line is not HTTP's");
        }
    }

    private void BeginBody()
    {
        _headerBytes = 0;
        HttpFraming framing = sink.Begin(_message!, out _left);
        switch (framing)
        {
            case HttpFraming.Length when _left > 0:
                _state = State.Length;
                break;
            case HttpFraming.Chunked:
                _state = State.ChunkSize;
                break;
            case HttpFraming.UntilClose:
                _state = State.UntilClose;
                break;
            case HttpFraming.Tunnel:
                Complete();
                _state = State.Tunnel;
                break;
            default:
                Complete();
                break;
        }
    }

    private void ReadChunkSize(ReadOnlySpan<byte> line)
    {
        _headerBytes = 0;
        int extension = line.IndexOf((byte)';');
        ReadOnlySpan<byte> digits = (extension < 0 ? line : line[..extension]).Trim((byte)' ').Trim((byte)'\t');
        if (!long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
        {
            Fail(HttpAnomalyKind.BadChunk, "the size of a chunk is no number");
            return;
        }

        _state = _left == 0 ? State.Trailers : State.Chunk;
    }

    private void Complete()
    {
        HttpMessage message = _message!;
        message.IsComplete = true;
        Reset(State.Start);
        _isStopped = !sink.End(message);
    }

    /// <summary>The message ends here, and the next start has to be found.</summary>
    private void Fail(HttpAnomalyKind kind, string text)
    {
        HttpMessage? message = _message;
        bool hasBody = _state is not (State.Start or State.Headers);
        Reset(State.Lost);
        if (message is null)
        {
            return;
        }

        message.Report(kind, text);
        if (!hasBody && kind != HttpAnomalyKind.BadStartLine)
        {
            sink.Begin(message, out _);
        }

        _isStopped = !sink.End(message);
    }

    private void Reset(State state)
    {
        _message = null;
        _lineLength = 0;
        _headerBytes = 0;
        _left = 0;
        if (_state != State.Tunnel)
        {
            _state = state;
        }
    }
}
