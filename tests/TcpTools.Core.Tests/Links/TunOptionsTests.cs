using TcpTools.Links;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Links;

public sealed class TunOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("two words")]
    [InlineData("sixteen-chars-xx")]
    public void A_name_that_no_device_can_have_is_refused(string name) =>
        AssertInvalid(new TunOptions { Name = name });

    [Theory]
    [InlineData(67)]
    [InlineData(65536)]
    [InlineData(-1)]
    public void An_impossible_mtu_is_refused(int mtu) => AssertInvalid(new TunOptions { Mtu = mtu });

    [Fact]
    public void Addresses_and_routes_must_be_possible()
    {
        NetworkAddress address = NetworkAddress.Parse("10.9.0.1");
        AssertInvalid(new TunOptions { Address = new InterfaceAddress(address, 33) });
        AssertInvalid(new TunOptions { Peer = address });
        AssertInvalid(new TunOptions
        {
            Address = new InterfaceAddress(address, 24),
            Peer = NetworkAddress.Parse("fd00::1"),
        });
        AssertInvalid(new TunOptions { Routes = [default] });
    }

    private static void AssertInvalid(TunOptions options)
    {
        StackException error = Assert.Throws<StackException>(() => TunLink.Open(options));
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.NotEmpty(error.Advice);
    }
}
