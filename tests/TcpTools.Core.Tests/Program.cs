using System;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.Tests;

/// <summary>
/// What a test runs as another process, so that it can kill it: <c>dotnet TcpTools.Core.Tests.dll hold-tun NAME ADDRESS</c>
/// opens a TUN device, says so, and keeps it; <c>hold-promiscuous INTERFACE</c> does the same with promiscuous mode.
/// </summary>
public static class Program
{
    public static int Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["hold-tun", string name, string address]:
                    using (TunLink link = TunLink.Open(new TunOptions { Name = name, Address = InterfaceAddress.Parse(address) }))
                    {
                        return Hold(link.Name);
                    }

                case ["hold-promiscuous", string device]:
                    using (InterfaceChannel channel = InterfaceChannel.Open(device, new InterfaceOptions { Promiscuous = true }))
                    {
                        channel.Listen();
                        return Hold(device);
                    }

                default:
                    return 2;
            }
        }
        catch (StackException error)
        {
            Console.WriteLine($"{error.Error}: {error.Message}\nAdvice: {error.Advice}");
            return 1;
        }
    }

    private static int Hold(string name)
    {
        Console.WriteLine("holding " + name);
        using ManualResetEventSlim never = new();
        never.Wait();
        return 0;
    }
}
