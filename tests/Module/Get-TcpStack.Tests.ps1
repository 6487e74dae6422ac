. $PSScriptRoot/common.ps1

Describe 'Get-TcpStack' {
    BeforeEach { $pair = New-TestPair }
    AfterEach { Remove-TestStack }

    It 'lists all, by name with wildcards, and by number' {
        (Get-TcpStack).Name | Should -Be client, server
        (Get-TcpStack ser*).Name | Should -Be server
        (Get-TcpStack -Id $pair.Client.Id).Name | Should -Be client
        (Get-TcpStack -Default).Name | Should -Be client
    }

    It 'reports StackNotFound for a name and a number that do not exist, but not for a pattern' {
        Get-ErrorId { Get-TcpStack nobody } | Should -Be StackNotFound
        Get-ErrorId { Get-TcpStack -Id 999999 } | Should -Be StackNotFound
        Get-TcpStack nobody* | Should -BeNullOrEmpty
    }

    It 'reports NoStack when there is no default' {
        Remove-TestStack
        Get-ErrorId { Get-TcpStack -Default } | Should -Be NoStack
    }

    It 'completes names and numbers' {
        Get-Completion 'Get-TcpStack cl' | Should -Be client
        Get-Completion 'Get-TcpStack -Id ' | Should -Contain "$($pair.Server.Id)"
    }

    It 'survives Export-Clixml readably' {
        $path = Join-Path $TestDrive stack.xml
        $pair.Client | Export-Clixml $path
        $copy = Import-Clixml $path
        $copy.Name | Should -Be client
        $copy.AddressText | Should -Be '10.7.0.1/24'
    }
}
