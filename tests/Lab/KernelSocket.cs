using System;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TcpTools.Lab;

/// <summary>TCP sockets of the kernel's inside a namespace, with the congestion control that figures are comparable with.</summary>
public static class KernelSocket
{
    private const int TcpProtocol = 6;
    private const int CongestionOption = 13;

    /// <summary>
    /// The congestion control that every socket here asks for. Where the host's default is BBR, its pacing halves what
    /// a kernel peer does over a device without delay.
    /// </summary>
    public static string Congestion => "cubic";

    /// <summary>Listens inside a namespace (null: where this process is).</summary>
    public static Socket Listen(LabNamespace? place, IPAddress address, int port, int backlog = 1024)
    {
        Socket socket = Make(place);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>Connects from inside a namespace (null: from where this process is).</summary>
    public static Socket Connect(LabNamespace? place, IPAddress address, int port)
    {
        Socket socket = Make(place);
        try
        {
            socket.NoDelay = true;
            socket.Connect(address, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Makes the socket's end a reset instead of an orderly close.</summary>
    public static void Abort(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    private static Socket Make(LabNamespace? place)
    {
        Socket socket = place is null ? New() : place.Do(New);
        try
        {
            socket.SetRawSocketOption(TcpProtocol, CongestionOption, Encoding.ASCII.GetBytes(Congestion));
        }
        catch (SocketException)
        {
            // Not every kernel has it; a default that is not BBR serves as well.
        }

        return socket;
    }

    private static Socket New() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
