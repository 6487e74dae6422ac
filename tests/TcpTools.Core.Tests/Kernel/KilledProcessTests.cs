using System;
using System.IO;
using TcpTools.Lab;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>A process that is killed gets no chance to clean up, and must not need one.</summary>
[Trait("Category", "Root")]
public sealed class KilledProcessTests
{
    [RootFact("curl")]
    public void Kill_9_leaves_no_device_route_or_process()
    {
        using LabNamespace place = LabNamespace.Create();
        string routes = place.Configure("route", "show", "table", "all");
        using LabProcess victim = place.Start("dotnet", DemoProgram, "serve");
        Assert.True(Tool.Until(() => victim.Output.Contains("Serving", StringComparison.Ordinal), TunPair.Limit), victim.Error);
        Assert.Contains("a TCP of our own", place.Run("curl", "-s", "--max-time", "10", "http://10.9.0.2/").Output);
        Assert.Contains("tcptools", place.Configure("link"));

        // In the middle of a connection, too.
        using System.Net.Sockets.Socket open = KernelSocket.Connect(place, TunPair.OwnAddress, 80);
        victim.Kill();
        Assert.True(Tool.Until(() => !place.Configure("link").Contains("tcptools", StringComparison.Ordinal), TunPair.Limit));
        Assert.Equal(routes, place.Configure("route", "show", "table", "all"));
        Assert.Equal("", Tool.Run("ip", "netns", "pids", place.Name).Trim());
    }

    [RootFact]
    public void The_demo_verifies_everything_and_leaves_nothing()
    {
        using LabProcess demo = LabProcess.Start("dotnet", DemoProgram);
        Assert.True(demo.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, demo.ExitCode);
        Assert.Contains("nothing is left behind", demo.Output);
        Assert.DoesNotContain("FAILED", demo.Output);
        Assert.False(File.Exists($"/run/netns/tcptools-{demo.Id}-1"));
    }

    [RootFact]
    public void The_demo_leaves_nothing_when_it_is_interrupted()
    {
        using LabProcess demo = LabProcess.Start("dotnet", DemoProgram);
        Assert.True(Tool.Until(() => File.Exists($"/run/netns/tcptools-{demo.Id}-1"), TunPair.Limit));
        demo.Signal("INT");
        Assert.True(demo.WaitForExit(TunPair.Limit));
        Assert.False(File.Exists($"/run/netns/tcptools-{demo.Id}-1"));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void The_demo_between_two_of_our_stacks_needs_no_root()
    {
        using LabProcess demo = LabProcess.Start("dotnet", DemoProgram, "memory");
        Assert.True(demo.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.True(demo.ExitCode == 0, demo.Output + demo.Error);
    }

    private static string DemoProgram => Path.Combine(AppContext.BaseDirectory, "TcpTools.Demo.dll");
}
