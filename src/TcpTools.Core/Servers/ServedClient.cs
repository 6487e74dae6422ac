using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.Servers;

/// <summary>
/// A client of a server, as its handler sees it: its session, a state of its own, and what has just arrived. Any thread may
/// send to it, so that a handler can answer one client with what another said.
/// </summary>
public sealed class ServedClient
{
    private readonly Lock _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _pending = new();
    private Decoder? _decoder;
    private object? _state;
    private string? _text;
    private int _pendingBytes;
    private int _offset; // how much of the first that waits has gone out
    private bool _closes;

    internal ServedClient(TcpServer server, TcpSession session, object handler)
    {
        Server = server;
        Session = session;
        Handler = handler;
        Signal = new ReadySignal(this);
    }

    /// <summary>The server.</summary>
    public TcpServer Server { get; }

    /// <summary>The listener that the client came in by.</summary>
    public TcpListener Listener => Server.Listener;

    /// <summary>The client's session.</summary>
    public TcpSession Session { get; }

    /// <summary>
    /// Whatever the handler wants to remember of this client: a table, made when it is first looked at, unless something else is set.
    /// Disposed with the client when it can be.
    /// </summary>
    public object? State
    {
        get => _state ??= new Hashtable(StringComparer.CurrentCultureIgnoreCase);
        set => _state = value;
    }

    /// <summary>What has arrived: for the event <see cref="ServerEvent.Data"/>, and empty in others.</summary>
    public byte[] Data { get; private set; } = [];

    /// <summary>
    /// <see cref="Data"/> as text in UTF-8. Bytes of a character whose others are still under way come with the next data.
    /// </summary>
    public string Text
    {
        get
        {
            if (_text is null)
            {
                _decoder ??= Encoding.UTF8.GetDecoder();
                char[] text = new char[Encoding.UTF8.GetMaxCharCount(Data.Length)];
                _text = new string(text, 0, _decoder.GetChars(Data, text, flush: false));
            }

            return _text;
        }
    }

    /// <summary>The error that ended the connection; null when it lives or ended in order.</summary>
    public StackException? Failure { get; internal set; }

    /// <summary>Who gets the client's events.</summary>
    public object Handler { get; }

    /// <summary>Bytes that wait for room in the session's send buffer.</summary>
    public int PendingBytes => Volatile.Read(ref _pendingBytes);

    internal ReadySignal Signal { get; }

    // The rest is the server's, under its gate or on its thread.
    internal bool IsQueued { get; set; }

    internal bool IsBusy { get; set; }

    internal bool WasOpened { get; set; }

    internal bool WasClosed { get; set; }

    internal bool HasFailed { get; set; }

    internal Instant? LingersUntil { get; set; }

    internal bool IsClosing
    {
        get
        {
            lock (_lock)
            {
                return _closes;
            }
        }
    }

    /// <summary>
    /// Sends, and does not wait: what finds no room goes out when there is some, and until then nothing is read from this client. Who
    /// does not take what it is sent, until more waits than the server allows, is reset.
    /// </summary>
    /// <returns>Whether it was taken; false when the connection has ended or is being closed.</returns>
    public bool TrySend(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (_closes || Session.IsClosed)
            {
                return false;
            }

            try
            {
                int taken = _pending.Count == 0 ? Session.Write(data) : 0;
                if (taken == data.Length)
                {
                    return true;
                }

                if (_pendingBytes + (data.Length - taken) <= Server.Options.MaximumPending)
                {
                    _pending.Enqueue(data[taken..].ToArray());
                    Volatile.Write(ref _pendingBytes, _pendingBytes + data.Length - taken);
                    return true;
                }
            }
            catch (StackException)
            {
                // The connection has ended, or this side has finished: the handler learns of it by an event.
                return false;
            }
        }

        Server.DropSlow(this);
        return false;
    }

    /// <summary>
    /// Sends, and does not wait. A connection that has ended takes nothing, of which the handler learns by an event. See
    /// <see cref="TrySend"/>.
    /// </summary>
    public void Send(byte[] data) => TrySend(data);

    /// <summary>Sends text in UTF-8, and does not wait. See <see cref="TrySend"/>.</summary>
    public void Send(string text) => TrySend(Encoding.UTF8.GetBytes(text));

    /// <summary>Closes the session when everything has gone out.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closes = true;
        }

        Server.OnSignalled(this);
    }

    /// <summary>The session, in a line.</summary>
    public override string ToString() => Session.ToString()!;

    internal void SetData(byte[] data)
    {
        Data = data;
        _text = null;
    }

    /// <summary>Sends on what waited for room; true when nothing waits any more.</summary>
    internal bool Flush()
    {
        lock (_lock)
        {
            while (_pending.TryPeek(out ReadOnlyMemory<byte> first))
            {
                int taken = Session.Write(first.Span[_offset..]);
                Volatile.Write(ref _pendingBytes, _pendingBytes - taken);
                _offset += taken;
                if (_offset < first.Length)
                {
                    return false;
                }

                _pending.Dequeue();
                _offset = 0;
            }

            return true;
        }
    }

    internal void Forget()
    {
        lock (_lock)
        {
            _closes = true;
            _pending.Clear();
            _pendingBytes = 0;
        }

        (_state as IDisposable)?.Dispose();
    }

    /// <summary>Tells the server that something has happened to the client's session.</summary>
    internal sealed class ReadySignal(ServedClient client) : Waiter
    {
        /// <inheritdoc/>
        public override void Signal() => client.Server.OnSignalled(client);
    }
}
