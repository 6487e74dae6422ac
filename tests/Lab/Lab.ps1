#requires -Version 7.6
<#
    The lab for PowerShell: namespaces with servers of the kernel's, for tests and for the demo. Dot-source it.
    The work is done by the same library that the C# tests use; whatever was made goes with its namespace.

        . ./tests/Lab/Lab.ps1
        $place = New-LabNamespace
        try {
            Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name
            $server = Start-LabWebServer $place 10.9.0.1 80 @{ 'index.html' = 'hello' }
            ...
        }
        finally { Remove-LabNamespace $place }
#>

$labLibrary = 'Release', 'Debug' | ForEach-Object { "$PSScriptRoot/bin/$_/net10.0/TcpTools.Lab.dll" } |
    Where-Object { Test-Path $_ } | Get-Item | Sort-Object LastWriteTime -Descending | Select-Object -First 1
if (-not $labLibrary) { throw 'The lab is not built yet: ./build.ps1 -Task Build' }
Add-Type -Path $labLibrary.FullName

# Why there can be no namespace here, or nothing: the reason to skip a test with.
function Get-LabObstacle { [TcpTools.Lab.LabNamespace]::Obstacle }

# Whether a command such as tshark or curl is installed.
function Test-LabCommand([Parameter(Mandatory)] [string] $Name) { $null -ne [TcpTools.Lab.Tool]::Find($Name) }

function New-LabNamespace { [TcpTools.Lab.LabNamespace]::Create() }

function Remove-LabNamespace([Parameter(ValueFromPipeline)] [TcpTools.Lab.LabNamespace] $Namespace) {
    process { if ($Namespace) { $Namespace.Dispose() } }
}

# Joins two namespaces by a pair of devices, each with its address (10.8.0.1/24).
function Join-LabNamespace(
    [Parameter(Mandatory)] [TcpTools.Lab.LabNamespace] $First, [Parameter(Mandatory)] [string] $FirstAddress,
    [Parameter(Mandatory)] [TcpTools.Lab.LabNamespace] $Second, [Parameter(Mandatory)] [string] $SecondAddress,
    [string] $Device = 'veth0') {
    [TcpTools.Lab.LabNamespace]::Join($First, $FirstAddress, $Second, $SecondAddress, $Device)
}

# Invoke-LabCommand NAMESPACE COMMAND [ARGUMENTS]: runs a command inside to its end; gives ExitCode, Output and Error.
# Without declared parameters, so that the command's own -c and -s reach it.
function Invoke-LabCommand {
    $namespace, $command, $arguments = $args
    $namespace.Run($command, [string[]] @($arguments))
}

# Start-LabProcess NAMESPACE COMMAND [ARGUMENTS]: starts a command inside; gives Output, Error, Input, HasExited, Dispose().
function Start-LabProcess {
    $namespace, $command, $arguments = $args
    $namespace.Start($command, [string[]] @($arguments))
}

# Starts nginx with pages made from a hashtable of names and contents (strings or bytes). The address must be up already.
function Start-LabWebServer(
    [Parameter(Mandatory)] [TcpTools.Lab.LabNamespace] $Namespace,
    [Parameter(Mandatory)] [string] $Address,
    [int] $Port = 80,
    [hashtable] $Pages = @{ 'index.html' = 'hello' }) {
    $contents = [System.Collections.Generic.Dictionary[string, byte[]]]::new()
    foreach ($name in $Pages.Keys) {
        $contents[$name] = if ($Pages[$name] -is [byte[]]) { , $Pages[$name] } else { [Text.Encoding]::UTF8.GetBytes($Pages[$name]) }
    }
    [TcpTools.Lab.NginxServer]::Start($Namespace, $Address, $Port, $contents)
}

# Starts a server on the kernel's TCP that echoes, swallows everything, or gives one page to whoever asks.
function Start-LabServer(
    [Parameter(Mandatory)] [TcpTools.Lab.LabNamespace] $Namespace,
    [Parameter(Mandatory)] [string] $Address,
    [Parameter(Mandatory)] [int] $Port,
    [ValidateSet('Echo', 'Sink', 'Page', 'Reset')] [string] $Kind = 'Echo',
    [string] $Page = 'hello') {
    [Action[System.Net.Sockets.Socket]] $serve = switch ($Kind) {
        Echo { [TcpTools.Lab.KernelServer]::Echo }
        Sink { [TcpTools.Lab.KernelServer]::Drain }
        Reset { [TcpTools.Lab.KernelSocket]::Abort }
        Page { [TcpTools.Lab.KernelServer]::Page([Text.Encoding]::UTF8.GetBytes($Page)) }
    }
    $Namespace.Adopt([TcpTools.Lab.KernelServer]::Start($Namespace, [ipaddress] $Address, $Port, $serve))
}
