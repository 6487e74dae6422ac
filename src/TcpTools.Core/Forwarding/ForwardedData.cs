using System;
using System.Text;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Forwarding;

/// <summary>A piece of data on its way through a forwarder, as a hook sees it.</summary>
public sealed class ForwardedData
{
    private byte[] _data;

    internal ForwardedData(ForwardedConnection connection, ForwardDirection direction, byte[] data)
    {
        Connection = connection;
        Direction = direction;
        Original = data;
        _data = [.. data]; // of its own: what is changed in place is undone by the original
    }

    /// <summary>The connection.</summary>
    public ForwardedConnection Connection { get; }

    /// <summary>Which way it goes.</summary>
    public ForwardDirection Direction { get; }

    /// <summary>The client's session.</summary>
    public TcpSession Client => Connection.Client;

    /// <summary>The session with the peer.</summary>
    public TcpSession Peer => Connection.Peer;

    /// <summary>What came.</summary>
    public byte[] Original { get; }

    /// <summary>What goes on: at first what came.</summary>
    public byte[] Data
    {
        get => _data;
        set => _data = value ?? [];
    }

    /// <summary>How text becomes bytes, and bytes text: by Latin-1, in which every byte survives, unless it is set.</summary>
    public Encoding Encoding { get; set; } = Encoding.Latin1;

    /// <summary><see cref="Data"/> as text.</summary>
    public string Text
    {
        get => Encoding.GetString(Data);
        set => Data = Encoding.GetBytes(value ?? "");
    }

    /// <summary>Whether nothing of it goes on.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>Nothing of it goes on. Both sides stay in step, since each has a connection of its own.</summary>
    public void Drop() => IsDropped = true;

    /// <summary>Drops it, and sends something back to where it came from.</summary>
    public void Answer(byte[] data)
    {
        Drop();
        Connection.Inject(Direction == ForwardDirection.ToPeer ? ForwardDirection.ToClient : ForwardDirection.ToPeer, data);
    }

    /// <inheritdoc cref="Answer(byte[])"/>
    public void Answer(string text) => Answer(Encoding.GetBytes(text));

    /// <summary>Sends something to the peer, before this piece if that goes there.</summary>
    public void InjectToPeer(byte[] data) => Connection.Inject(ForwardDirection.ToPeer, data);

    /// <inheritdoc cref="InjectToPeer(byte[])"/>
    public void InjectToPeer(string text) => InjectToPeer(Encoding.GetBytes(text));

    /// <summary>Sends something to the client, before this piece if that goes there.</summary>
    public void InjectToClient(byte[] data) => Connection.Inject(ForwardDirection.ToClient, data);

    /// <inheritdoc cref="InjectToClient(byte[])"/>
    public void InjectToClient(string text) => InjectToClient(Encoding.GetBytes(text));

    /// <summary>From now on the client speaks with another peer; this piece, if it goes to the peer, goes there.</summary>
    public void RedirectTo(string address, int port) => Connection.RedirectTo(address, port);

    /// <summary>Direction and length.</summary>
    public override string ToString() => $"{Direction}: {Data.Length} bytes";
}
