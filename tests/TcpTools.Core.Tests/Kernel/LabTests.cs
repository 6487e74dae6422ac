using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using TcpTools.Lab;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>The lab that the tests against the kernel stand on.</summary>
[Trait("Category", "Root")]
public sealed class LabTests
{
    private static readonly IPAddress s_loopback = IPAddress.Loopback;

    [RootFact]
    public void A_socket_made_inside_a_namespace_does_not_reach_the_host()
    {
        using LabNamespace place = LabNamespace.Create();
        using Socket outside = KernelSocket.Listen(null, s_loopback, 0);
        int port = ((IPEndPoint)outside.LocalEndPoint!).Port;
        Assert.Throws<SocketException>(() => KernelSocket.Connect(place, s_loopback, port));
    }

    [RootFact]
    public void Two_namespaces_joined_by_a_pair_of_devices_reach_each_other()
    {
        using LabNamespace here = LabNamespace.Create();
        using LabNamespace there = LabNamespace.Create();
        LabNamespace.Join(here, "10.77.0.1/24", there, "10.77.0.2/24");
        using KernelServer server = KernelServer.Start(there, IPAddress.Parse("10.77.0.2"), 7, KernelServer.Echo);
        using Socket socket = KernelSocket.Connect(here, IPAddress.Parse("10.77.0.2"), 7);
        socket.Send("to and fro"u8);
        socket.Shutdown(SocketShutdown.Send);
        byte[] answer = new byte[10];
        socket.ReceiveTimeout = 5000;
        Assert.Equal(10, socket.Receive(answer, SocketFlags.None));
        Assert.Equal("to and fro"u8, answer);
        Assert.Null(server.Failure);
    }

    [RootFact("nginx", "curl")]
    public void A_page_of_nginx_is_the_file_it_was_made_from()
    {
        using LabNamespace place = LabNamespace.Create();
        using NginxServer server = NginxServer.Start(
            place, "127.0.0.1", 80, new Dictionary<string, byte[]> { ["index.html"] = "<p>hello</p>"u8.ToArray() });
        Assert.Equal("<p>hello</p>", place.Run("curl", "-s", "http://127.0.0.1/").Output.Trim());
    }

    [RootFact]
    public void A_disposed_namespace_takes_its_processes_along()
    {
        LabNamespace place = LabNamespace.Create();
        LabProcess sleeper = place.Start("sleep", "600");
        Assert.True(Tool.Until(() => Tool.Run("ip", "netns", "pids", place.Name).Length > 0, TimeSpan.FromSeconds(5)));
        int id = sleeper.Id;
        place.Dispose();
        Assert.False(File.Exists(place.FilePath));
        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [RootFact]
    public void A_killed_process_leaves_nothing_that_the_next_one_does_not_remove()
    {
        // A process id that is no longer in use stands for an owner that was killed.
        int gone;
        using (LabProcess short_lived = LabProcess.Start("true"))
        {
            gone = short_lived.Id;
            Assert.True(short_lived.WaitForExit(TimeSpan.FromSeconds(5)));
        }

        string name = $"tcptools-{gone}-1";
        Tool.Run("ip", "netns", "add", name);
        LabNamespace.RemoveStale();
        Assert.DoesNotContain(name, Tool.Run("ip", "netns", "list"));
    }

    [Fact]
    public void A_command_that_fails_says_why()
    {
        LabException failure = Assert.Throws<LabException>(() => Tool.Run("ls", "/nowhere-at-all"));
        Assert.Contains("nowhere-at-all", failure.Message);
    }

    [Fact]
    public void Repeatable_data_is_the_same_for_the_same_seed_only()
    {
        Assert.Equal(RepeatableData.Make(1000, 5), RepeatableData.Make(1000, 5));
        Assert.False(RepeatableData.Make(1000, 5).SequenceEqual(RepeatableData.Make(1000, 6)));
    }
}
