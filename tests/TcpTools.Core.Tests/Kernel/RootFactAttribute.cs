using System.Linq;
using TcpTools.Lab;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>A test that needs root, namespaces and TUN, and perhaps commands; where one is missing it is skipped and says so.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute(params string[] commands) =>
        Skip = LabNamespace.Obstacle
            ?? commands.Where(command => Tool.Find(command) is null).Select(command => $"no {command} here").FirstOrDefault();
}

/// <summary>The same for a test with cases.</summary>
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute(params string[] commands) => Skip = new RootFactAttribute(commands).Skip;
}
