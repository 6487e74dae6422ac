using System;
using System.Threading;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.Tests;

/// <summary>
/// What a test runs as another process, so that it can kill it: <c>dotnet TcpTools.Core.Tests.dll hold-tun NAME ADDRESS</c>
/// opens a TUN device, says so, and keeps it.
/// </summary>
public static class Program
{
    public static int Main(string[] args)
    {
        if (args is not ["hold-tun", string name, string address])
        {
            return 2;
        }

        try
        {
            using TunLink link = TunLink.Open(new TunOptions { Name = name, Address = InterfaceAddress.Parse(address) });
            Console.WriteLine("holding " + link.Name);
            using ManualResetEventSlim never = new();
            never.Wait();
            return 0;
        }
        catch (StackException error)
        {
            Console.WriteLine($"{error.Error}: {error.Message}\nAdvice: {error.Advice}");
            return 1;
        }
    }
}
